// Stands in for kubeadm, the kubelet's start and the machine's reboot on a host of the engine tests:
// `kubeadm.ts <kubeconfig> join|kubelet|reset|reboot …`.
// A join needs a token that the API server takes, leaves the files that the host scripts look for, and registers a Node.
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: Record<"server" | "certificate-authority-data", string> }];
  readonly users: readonly [{ readonly user: Record<string, string | undefined> }];
}

/** What a kubelet is started with. */
interface Registration {
  readonly name: string;
  readonly criSocket: string;
  readonly taints?: readonly object[];
  readonly kubeletExtraArgs?: readonly { readonly name: string; readonly value: string }[];
}

const [kubeconfigPath = "", command = "", ...args] = process.argv.slice(2);
const registrationFile = "/var/lib/kubelet/registration.json";
const readRegistration = () => JSON.parse(readFileSync(registrationFile, "utf8")) as Registration;

/** Sends a request with the credentials of a kubeconfig; returns status and body. */
function send(
  { clusters, users }: Kubeconfig,
  method: string,
  path: string,
  body?: object,
): Promise<{ readonly status: number; readonly text: string }> {
  const [{ cluster }] = clusters;
  const [{ user }] = users;
  const decode = (text: string | undefined) => text && Buffer.from(text, "base64");
  const isPatch = method === "PATCH";
  return new Promise((resolve, reject) => {
    const sent = request(
      `${cluster.server}${path}`,
      {
        method,
        ca: decode(cluster["certificate-authority-data"]),
        cert: decode(user["client-certificate-data"]),
        key: decode(user["client-key-data"]),
        headers: {
          "Content-Type": isPatch ? "application/merge-patch+json" : "application/json",
          ...(user.token && { Authorization: `Bearer ${user.token}` }),
        },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    sent.on("error", reject);
    sent.end(body && JSON.stringify(body));
  });
}

const readKubeconfig = (path: string) => parse(readFileSync(path, "utf8")) as Kubeconfig;
const put = (path: string, text: string) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

/** Stands still as long as the test wants it: it makes the first file and sees the second one. */
async function hold(step: string): Promise<void> {
  while (existsSync(`/run/hold-${step}`)) {
    writeFileSync(`/run/held-${step}`, "");
    await sleep(50);
  }
}

const nodeInfo = () => ({
  machineID: readFileSync("/etc/machine-id", "utf8").trim(),
  bootID: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
  systemUUID: "stand-in",
  kernelVersion: "6",
  osImage: "stand-in",
  architecture: "amd64",
  operatingSystem: "linux",
  containerRuntimeVersion: "containerd://2.0.0",
  kubeletVersion: "v1.34.4",
  kubeProxyVersion: "",
});

/** What a kubelet would say of its Node; a test has it say otherwise by a message in /run/not-ready. */
function nodeStatus(): object {
  const reason = existsSync("/run/not-ready") ? readFileSync("/run/not-ready", "utf8").trim() : "";
  const amounts = { cpu: "4", memory: "8Gi", pods: "110" };
  return {
    nodeInfo: nodeInfo(),
    addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
    conditions: [
      { type: "Ready", status: reason === "" ? "True" : "False", reason: "StandIn", message: reason },
    ],
    capacity: amounts,
    allocatable: amounts,
  };
}

async function requireStatus(answer: ReturnType<typeof send>, ...wanted: readonly number[]): Promise<number> {
  const { status, text } = await answer;
  if (!wanted.includes(status)) throw new Error(`the API server answered ${status}: ${text}`);
  return status;
}

/** Does what a kubelet does when it starts. */
async function register({ name, taints = [], kubeletExtraArgs = [] }: Registration): Promise<void> {
  const admin = readKubeconfig(kubeconfigPath);
  const labelText = kubeletExtraArgs.find((arg) => arg.name === "node-labels")?.value ?? "";
  const labels = Object.fromEntries(labelText.split(",").flatMap((pair) => (pair ? [pair.split("=")] : [])));
  const metadata = { name, labels: { "kubernetes.io/hostname": name, ...labels } };
  const node = { apiVersion: "v1", kind: "Node", metadata, spec: { taints }, status: nodeStatus() };
  const created = await requireStatus(send(admin, "POST", "/api/v1/nodes", node), 201, 409);
  // A kubelet goes on with the Node that it finds under its name.
  if (created === 409) await reportStatus(admin, name);
  // What the API server adds to a new Node is lifted by a controller, which a server of tests does not have.
  else await requireStatus(send(admin, "PATCH", `/api/v1/nodes/${name}`, { spec: { taints } }), 200);
}

async function reportStatus(admin: Kubeconfig, name: string): Promise<void> {
  const patch = { status: nodeStatus() };
  await requireStatus(send(admin, "PATCH", `/api/v1/nodes/${name}/status`, patch), 200);
}

async function joinCluster(): Promise<void> {
  await hold("join");
  if (existsSync("/run/kubeadm-warns")) console.error(readFileSync("/run/kubeadm-warns", "utf8").trimEnd());
  const file = args[args.indexOf("--config") + 1] ?? "";
  const { nodeRegistration } = parse(readFileSync(file, "utf8")) as { nodeRegistration: Registration };
  const cluster = readKubeconfig(join(dirname(file), "cluster.conf"));
  await requireStatus(send(cluster, "GET", "/api/v1"), 200);
  const [{ cluster: found }] = cluster.clusters;
  const ca = found["certificate-authority-data"];
  put("/etc/kubernetes/pki/ca.crt", Buffer.from(ca, "base64").toString());
  put(
    "/etc/kubernetes/kubelet.conf",
    `clusters:\n- cluster:\n    certificate-authority-data: ${ca}\n    server: ${found.server}\n`,
  );
  put("/var/lib/kubelet/config.yaml", "kind: KubeletConfiguration\n");
  put("/var/lib/kubelet/kubeadm-flags.env", `--container-runtime-endpoint=${nodeRegistration.criSocket}\n`);
  put(registrationFile, JSON.stringify(nodeRegistration));
  put("/run/kubelet-is-active", "");
  await register(nodeRegistration);
  await hold("join-done");
}

async function reset(): Promise<void> {
  await hold("reset");
  for (const path of ["kubelet.conf", "pki", "manifests"])
    rmSync(`/etc/kubernetes/${path}`, { recursive: true, force: true });
  rmSync("/run/kubelet-is-active", { force: true });
}

/** Comes back at once, as another boot of the same machine; not at all when the test left /run/stays-down. */
async function reboot(): Promise<void> {
  if (existsSync("/run/stays-down")) return;
  writeFileSync("/proc/sys/kernel/random/boot_id", `${randomUUID()}\n`);
  await reportStatus(readKubeconfig(kubeconfigPath), readRegistration().name);
}

try {
  if (command === "join") await joinCluster();
  else if (command === "kubelet") await register(readRegistration());
  else if (command === "reset") await reset();
  else if (command === "reboot") await reboot();
  else throw new Error(`unknown command "${command}"`);
} catch (error) {
  console.error(`kubeadm ${command}: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
