// A real kube-apiserver with etcd and, on demand, controllers, on 127.0.0.1 and in a temporary folder.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureTools } from "../../lab/toolchain/ensure-tools.ts";
import { certificateFiles, makeCertificates } from "./certificates.ts";
import { type ChildService, freePorts, startChild } from "./child-service.ts";

/** Holds a running API server. */
export interface ApiServer extends AsyncDisposable {
  /** URL, such as `https://127.0.0.1:41234`. */
  readonly url: string;
  /** Admin kubeconfig with a client certificate, context `test`. */
  readonly kubeconfigPath: string;
  readonly kubeconfigText: string;
  /** Folder with certificates, logs and data; removed by `stop`. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** Chooses what runs beside the API server. */
export interface ApiServerOptions {
  /** Controllers of kube-controller-manager by name; none when absent. `["disruption"]` makes budgets live. */
  readonly controllers?: readonly string[];
}

/** Starts etcd, kube-apiserver and the wanted controllers; ready when it returns, in about five seconds. */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-api-"));
  const started: ChildService[] = [];
  const stop = async () => {
    await Promise.all(started.map((service) => service.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return await start(folder, started, stop, options.controllers ?? []);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  folder: string,
  started: ChildService[],
  stop: () => Promise<void>,
  controllers: readonly string[],
): Promise<ApiServer> {
  const programs = await ensureTools(["etcd", "kube-apiserver", "kube-controller-manager"], () => {});
  const log = (name: string) => join(folder, `${name}.log`);
  const [port = 0, etcdPort = 0, peerPort = 0] = await freePorts(3);
  const url = `https://127.0.0.1:${port}`;
  makeCertificates(folder);
  const kubeconfigText = renderKubeconfig(folder, url);
  const kubeconfigPath = join(folder, "admin.conf");
  writeFileSync(kubeconfigPath, kubeconfigText, { mode: 0o600 });

  started.push(startChild(programs.etcd, etcdFlags(folder, etcdPort, peerPort), log("etcd")));
  const server = startChild(
    programs["kube-apiserver"],
    serverFlags(folder, port, etcdPort),
    log("kube-apiserver"),
  );
  started.push(server);
  if (controllers.length > 0) {
    const flags = controllerFlags(kubeconfigPath, controllers);
    await server.waitUntil(() => answersOk(folder, `${url}/readyz`), 180);
    started.push(startChild(programs["kube-controller-manager"], flags, log("kube-controller-manager")));
  }
  await server.waitUntil(() => answersOk(folder, `${url}/readyz`), 180);
  return { url, kubeconfigPath, kubeconfigText, folder, stop, [Symbol.asyncDispose]: stop };
}

function etcdFlags(folder: string, port: number, peerPort: number): string[] {
  const client = `http://127.0.0.1:${port}`;
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

function serverFlags(folder: string, port: number, etcdPort: number): string[] {
  const file = (name: keyof typeof certificateFiles) => join(folder, certificateFiles[name]);
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
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
    "--enable-bootstrap-token-auth",
    // Pods of a test need no service account, and no controller would make one.
    "--disable-admission-plugins=ServiceAccount",
    "--endpoint-reconciler-type=none",
  ];
}

function controllerFlags(kubeconfigPath: string, controllers: readonly string[]): string[] {
  return [
    `--kubeconfig=${kubeconfigPath}`,
    `--controllers=${controllers.join(",")}`,
    "--leader-elect=false",
    "--secure-port=0",
    "--kube-api-qps=200",
    "--kube-api-burst=200",
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
