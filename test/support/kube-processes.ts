// etcd, kube-apiserver and kube-controller-manager as processes on 127.0.0.1, in a temporary folder.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureTools } from "../../lab/toolchain/ensure-tools.ts";
import { certificateFiles, makeCertificates } from "./certificates.ts";
import { type ChildService, freePorts, startChild } from "./child-service.ts";

/** Many times what it takes on a quiet machine. */
const readySeconds = 180;

/** Where a running API server is and how its administrator reaches it; plain data. */
export interface ApiServerAddress {
  /** URL, such as `https://127.0.0.1:41234`. */
  readonly url: string;
  /** Admin kubeconfig with a client certificate, context `test`. */
  readonly kubeconfigPath: string;
  readonly kubeconfigText: string;
  /** Folder with certificates, logs and data; goes with the server. */
  readonly folder: string;
  /** URL of its etcd. */
  readonly etcd: string;
}

/** A running etcd with its API server. */
export interface Serving {
  readonly address: ApiServerAddress;
  stop(): Promise<void>;
}

/** Starts etcd and kube-apiserver; ready when it returns, in about five seconds. */
export async function startServing(): Promise<Serving> {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-api-"));
  const started: ChildService[] = [];
  const stop = async () => {
    await Promise.all(started.map((service) => service.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { address: await serve(folder, started), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function serve(folder: string, started: ChildService[]): Promise<ApiServerAddress> {
  const programs = await ensureTools(["etcd", "kube-apiserver"], () => {});
  const log = (name: string) => join(folder, `${name}.log`);
  const [port = 0, etcdPort = 0, peerPort = 0] = await freePorts(3);
  const [url, etcd] = [`https://127.0.0.1:${port}`, `http://127.0.0.1:${etcdPort}`];
  makeCertificates(folder);
  const kubeconfigText = renderKubeconfig(folder, url);
  const kubeconfigPath = join(folder, "admin.conf");
  writeFileSync(kubeconfigPath, kubeconfigText, { mode: 0o600 });
  started.push(startChild(programs.etcd, etcdFlags(folder, etcd, peerPort), log("etcd")));
  const flags = serverFlags(folder, port, etcd);
  const server = startChild(programs["kube-apiserver"], flags, log("kube-apiserver"));
  started.push(server);
  await server.waitUntil(() => answersOk(folder, `${url}/readyz`), readySeconds);
  return { url, kubeconfigPath, kubeconfigText, folder, etcd };
}

/** Starts kube-controller-manager with these controllers on a server. */
export async function startControllers(
  { folder, kubeconfigPath }: ApiServerAddress,
  controllers: readonly string[],
): Promise<ChildService> {
  const programs = await ensureTools(["kube-controller-manager"], () => {});
  const flags = [
    `--kubeconfig=${kubeconfigPath}`,
    `--controllers=${controllers.join(",")}`,
    "--leader-elect=false",
    "--secure-port=0",
    "--kube-api-qps=200",
    "--kube-api-burst=200",
  ];
  return startChild(programs["kube-controller-manager"], flags, join(folder, "kube-controller-manager.log"));
}

function etcdFlags(folder: string, client: string, peerPort: number): string[] {
  const peer = `http://127.0.0.1:${peerPort}`;
  return [
    ...["--data-dir", join(folder, "etcd"), "--unsafe-no-fsync"],
    ...["--listen-client-urls", client, "--advertise-client-urls", client],
    ...[
      "--listen-peer-urls",
      peer,
      "--initial-advertise-peer-urls",
      peer,
      "--initial-cluster",
      `default=${peer}`,
    ],
  ];
}

function serverFlags(folder: string, port: number, etcd: string): string[] {
  const file = (name: keyof typeof certificateFiles) => join(folder, certificateFiles[name]);
  return [
    `--etcd-servers=${etcd}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${port}`,
    `--tls-cert-file=${file("servingCert")}`,
    `--tls-private-key-file=${file("servingKey")}`,
    `--client-ca-file=${file("ca")}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${file("accountKey")}`,
    `--service-account-signing-key-file=${file("accountKey")}`,
    "--service-cluster-ip-range=10.96.0.0/16",
    "--authorization-mode=Node,RBAC",
    // As kubeadm has it.
    "--enable-admission-plugins=NodeRestriction",
    "--allow-privileged",
    "--enable-bootstrap-token-auth",
    // Pods of a test need no service account, and no controller would make one.
    "--disable-admission-plugins=ServiceAccount",
    "--endpoint-reconciler-type=none",
  ];
}

function renderKubeconfig(folder: string, url: string): string {
  const data = (name: keyof typeof certificateFiles) =>
    readFileSync(join(folder, certificateFiles[name])).toString("base64");
  return `apiVersion: v1
kind: Config
current-context: test
clusters:
  - name: test
    cluster: { server: "${url}", certificate-authority-data: ${data("ca")} }
users:
  - name: admin
    user: { client-certificate-data: ${data("adminCert")}, client-key-data: ${data("adminKey")} }
contexts:
  - name: test
    context: { cluster: test, user: admin }
`;
}

function answersOk(folder: string, url: string): Promise<boolean> {
  const read = (name: keyof typeof certificateFiles) => readFileSync(join(folder, certificateFiles[name]));
  const identity = { ca: read("ca"), cert: read("adminCert"), key: read("adminKey"), agent: false } as const;
  return new Promise((resolve, reject) => {
    const request = get(url, { ...identity, timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once("timeout", () => request.destroy(new Error("no answer within 2 s")));
    request.once("error", reject);
  });
}
