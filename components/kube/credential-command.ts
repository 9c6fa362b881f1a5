// The credential of a command that a kubeconfig names in `exec`, as client-go asks for it
// (k8s.io/client-go/plugin/pkg/client/auth/exec). The client's own is not used: it tells the command nothing of the
// cluster, quotes what it printed in errors, and reads answers without checking them (client-node 2.0.1, dist/exec_auth.js).
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Clock } from "../model/clock.ts";
import { oneLine } from "../model/foreign-text.ts";
import type { ClusterEntry, ExecEntry } from "./kubeconfig-fields.ts";

/** What the command gives. */
export interface Credential {
  readonly token?: string | undefined;
  readonly clientCertificateData?: string | undefined;
  readonly clientKeyData?: string | undefined;
}

const answer = z.object({
  apiVersion: z.string(),
  kind: z.literal("ExecCredential"),
  status: z.object({
    expirationTimestamp: z.string().nullish(),
    token: z.string().optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
  }),
});

type Status = z.output<typeof answer>["status"];

const outputLimit = 1024 * 1024;

/** Asks a command for a credential, and keeps it until it ends. */
export class CredentialCommand {
  readonly name: string;
  readonly #exec: ExecEntry;
  readonly #cluster: ClusterEntry;
  readonly #clock: Clock;
  #given: Status | undefined;
  #running: Promise<Status> | undefined;

  constructor(exec: ExecEntry, cluster: ClusterEntry, clock: Clock) {
    this.name = exec.command ?? "";
    this.#exec = exec;
    this.#cluster = cluster;
    this.#clock = clock;
  }

  /** Whether the command is at work. */
  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Returns the credential; one run of the command serves all who wait for it. */
  async credential(): Promise<Credential> {
    if (this.#given !== undefined && this.#holds(this.#given)) return this.#given;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    this.#given = await this.#running;
    return this.#given;
  }

  #holds({ expirationTimestamp }: Status): boolean {
    return !expirationTimestamp || Date.parse(expirationTimestamp) / 1000 > this.#clock.now();
  }

  async #run(): Promise<Status> {
    const { args = [], env = [], apiVersion } = this.#exec;
    const info = ["KUBERNETES_EXEC_INFO", execInfo(this.#exec, this.#cluster)];
    const given = env.map(({ name = "", value = "" }) => [name, value]);
    const environment = { ...process.env, ...Object.fromEntries([...given, info]) };
    const parsed = answer.safeParse(parseJson(await this.#print(args, environment)));
    if (!parsed.success) throw new Error("it printed no ExecCredential");
    const { status } = parsed.data;
    if (parsed.data.apiVersion !== apiVersion)
      throw new Error(
        `it printed an ExecCredential of ${oneLine(parsed.data.apiVersion)}, and ${apiVersion} was asked for`,
      );
    const certificateParts = [status.clientCertificateData, status.clientKeyData].filter(Boolean).length;
    if (certificateParts === 1 || (!status.token && certificateParts === 0))
      throw new Error("it gave neither a token nor a certificate with its key");
    return status;
  }

  #print(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = execFile(this.name, args, { env, maxBuffer: outputLimit }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(this.#explain(error, stderr)));
      });
      // Nobody can be asked: a command that reads finds the end at once.
      child.stdin?.end();
      child.stdin?.on("error", () => undefined);
    });
  }

  #explain(error: Error & { code?: unknown; signal?: unknown }, stderr: string): string {
    const hint = this.#exec.installHint;
    if (error.code === "ENOENT")
      return `no such program${hint === undefined ? "" : `. The kubeconfig says: ${oneLine(hint.trim())}`}`;
    const said = oneLine(stderr.trim().split("\n", 1)[0] ?? "", 200);
    const end = error.signal ? `signal ${error.signal}` : `${error.code ?? error.message}`;
    return said || `it ended with ${end} and said nothing`;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Its message would quote the credential.
    return undefined;
  }
}

/** The name under which a cluster's `extensions` hold what its command is told. */
const extensionName = "client.authentication.k8s.io/exec";

/** Writes what the command is told of its call; of the cluster only where the kubeconfig wants that. */
function execInfo({ apiVersion, provideClusterInfo }: ExecEntry, cluster: ClusterEntry): string {
  const spec = { ...(provideClusterInfo && { cluster: describeCluster(cluster) }), interactive: false };
  return JSON.stringify({ kind: "ExecCredential", apiVersion, spec });
}

function describeCluster(cluster: ClusterEntry): object {
  const { extensions, "certificate-authority": caFile, ...rest } = cluster;
  const config = extensions?.find(({ name }) => name === extensionName)?.extension;
  const caData = caFile === undefined ? undefined : readFileSync(caFile).toString("base64");
  return {
    ...rest,
    ...(caData !== undefined && { "certificate-authority-data": caData }),
    ...(config !== undefined && { config }),
  };
}
