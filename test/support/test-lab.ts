// The labs of the lab tests: one for each worker, four hosts in a folder of its own, up for one run of the tests.
import { join } from "node:path";
import { expect } from "vitest";
import { labEnvironment, openLab, runInLab, ssh } from "../../lab/lab.ts";
import { insideNetwork } from "../../lab/network/namespace.ts";
import { readRecord } from "../../lab/record.ts";
import { LabStack } from "../../lab/stack.ts";
import { attachable } from "./attachable.ts";
import { frugalStart } from "./frugal-start.ts";
import { serveApi } from "./lab-api.ts";
import { identityLogin } from "./lab-identity.ts";

/** How many hosts the lab has: w1 to w4. */
export const hostCount = 4;

/** Where the labs of all workers are; NODEPOOLS_TEST_LAB names another folder. */
export const labFolder = process.env.NODEPOOLS_TEST_LAB ?? join(import.meta.dirname, "../../.lab-test");

/** The lab of this worker. */
export const lab = openLab(join(labFolder, process.env.VITEST_POOL_ID ?? "1"));

let plugins: Promise<NodeJS.ProcessEnv> | undefined;

/**
 * Creates a stack that logs in with the rights that `access` declares, and no more; its plugins are started once, for all
 * stacks of the file. `start` is {} for one that starts as a user's does.
 */
export async function createStack(name: string, start: NodeJS.ProcessEnv = frugalStart): Promise<LabStack> {
  const inside = (argv: readonly string[]) => insideNetwork(lab, argv);
  plugins ??= attachable(readRecord(lab).tools, { ...labEnvironment(lab), ...start }, inside);
  return LabStack.create(lab, name, identityLogin(lab), { ...start, ...(await plugins) });
}

/** Declares one host as the stack config does. */
export function host(index: number, others: object = {}): object {
  return { name: `w${index}`, address: `10.89.0.${10 + index}`, ...others };
}

/** Declares hosts 1 to `count`. */
export function hosts(count: number): object[] {
  return Array.from({ length: count }, (_, at) => host(at + 1));
}

/** Runs kubectl, which may wait for five minutes, and returns its output; fails the test when kubectl does. */
export async function kubectl(...argv: readonly string[]): Promise<string> {
  const result = await runInLab(lab, ["kubectl", ...argv], { timeoutSeconds: 310 });
  expect(result.status, `kubectl ${argv.join(" ")}: ${result.stderr}`).toBe(0);
  return result.stdout.trim();
}

let api: ReturnType<typeof serveApi> | undefined;

/** Reads an object or a list from the API server by its path; fails the test when there is none. */
export async function ask<Answer>(path: string): Promise<Answer> {
  api ??= serveApi(lab);
  return (await (
    await api
  )(path)) as Answer;
}

/** Applies manifests given as objects or as one YAML text. */
export async function apply(...manifests: readonly (object | string)[]): Promise<void> {
  const stdin = manifests
    .map((manifest) => (typeof manifest === "string" ? manifest : JSON.stringify(manifest)))
    .join("\n---\n");
  const result = await runInLab(lab, ["kubectl", "apply", "-f", "-"], { stdin });
  expect(result.status, `kubectl apply: ${result.stderr}`).toBe(0);
}

/** What the tests look at in a Node. */
export interface SeenNode {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels: Record<string, string>;
    readonly annotations: Record<string, string>;
  };
  readonly spec: {
    readonly unschedulable?: boolean;
    readonly taints?: readonly { key: string; value?: string; effect: string }[];
  };
  readonly status: {
    readonly conditions: readonly { type: string; status: string }[];
    readonly nodeInfo: { readonly machineID: string; readonly bootID: string };
  };
}

/** Reads all Nodes, by name. */
export async function nodes(): Promise<Map<string, SeenNode>> {
  const list = await ask<{ items: SeenNode[] }>("/api/v1/nodes");
  return new Map(list.items.map((node) => [node.metadata.name, node]));
}

/** Names the Nodes that are Ready and schedulable, sorted. */
export async function readyNodes(): Promise<string[]> {
  const all = [...(await nodes()).values()];
  return all
    .filter((node) => node.spec.unschedulable !== true)
    .filter((node) =>
      node.status.conditions.some(({ type, status }) => type === "Ready" && status === "True"),
    )
    .map((node) => node.metadata.name)
    .sort();
}

/** Reads the UID of a Node; undefined when there is none. */
export async function uidOf(name: string): Promise<string | undefined> {
  return (await nodes()).get(name)?.metadata.uid;
}

/** Tells whether the cluster has given a machine up: the Ready of its Node is Unknown. */
export async function isSilent(name: string): Promise<boolean> {
  const conditions = (await nodes()).get(name)?.status.conditions ?? [];
  return conditions.some(({ type, status }) => type === "Ready" && status === "Unknown");
}

/** Waits until the cluster has given a machine up. */
export async function untilSilent(name: string): Promise<void> {
  await kubectl("wait", `node/${name}`, "--for=condition=Ready=Unknown", "--timeout=300s");
}

/** Runs a command on a host as root and returns its output; fails the test when it fails. */
export async function onHost(name: string, command: string): Promise<string> {
  const result = await ssh(lab, name, command);
  expect(result.status, `${command} on ${name}: ${result.stderr}`).toBe(0);
  return result.stdout.trim();
}

/** Lists what a membership leaves on a host, by path or listener; empty on a host as good as new. */
export async function remainsOf(name: string): Promise<string[]> {
  const script = `
    for path in /etc/kubernetes/kubelet.conf /etc/kubernetes/bootstrap-kubelet.conf /etc/kubernetes/pki/ca.crt \
      /var/lib/nodepools/owner /var/lib/nodepools/join /sys/class/net/cni0 /run/nodepools-join.* /run/nodepools-reset.*; do
      test ! -e "$path" || echo "$path"
    done
    find /var/lib/kubelet /var/lib/cni -mindepth 1 -not -type d
    iptables-save 2>/dev/null | grep -oE '^:(KUBE|CNI)-[^ ]+'
    ss -ltnH 'sport = :10250' | grep -q . && echo "listener on 10250"
    pgrep -x kubelet >/dev/null && echo kubelet
    true`;
  const lines = (await onHost(name, script)).split("\n");
  return lines.filter((line) => line !== "");
}

/** Counts the SSH logins that a host has accepted since its boot, with the one that it takes itself. */
export async function loginsOn(name: string): Promise<number> {
  const journal = await onHost(
    name,
    // By name: journald does not always know the unit of a process that is gone by then.
    "journalctl --sync; journalctl -t sshd -t sshd-session --no-pager -o cat | grep -c 'Accepted publickey' || true",
  );
  return Number(journal);
}

/** Waits until `condition` holds, looking every quarter of a second; fails naming what was waited for. */
export async function eventually(
  what: string,
  seconds: number,
  condition: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition())) {
    expect(Date.now(), `${what} within ${seconds} s`).toBeLessThan(deadline);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** A bootstrap token; its data are in base64. */
interface SeenToken {
  readonly metadata: { readonly name: string };
  readonly data: { readonly description?: string; readonly "token-secret": string };
}

async function minted(): Promise<SeenToken[]> {
  const ofTokens = "fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken";
  const { items } = await ask<{ items: SeenToken[] }>(`/api/v1/namespaces/kube-system/secrets?${ofTokens}`);
  return items.filter(({ data }) => decode(data.description).startsWith("nodepools"));
}

const decode = (data = "") => Buffer.from(data, "base64").toString();

/** Lists the ids of the bootstrap tokens that this program minted and that still exist. */
export async function mintedTokens(): Promise<string[]> {
  return (await minted()).map(({ metadata }) => metadata.name);
}

/** Lists the secret halves of these tokens. */
export async function mintedSecrets(): Promise<string[]> {
  return (await minted()).map(({ data }) => decode(data["token-secret"]));
}

/** Lists every file that a join, a reset or a claim would write, with its checksum and time of change. */
export function fingerprintOf(name: string): Promise<string> {
  const folders = "/etc/kubernetes /var/lib/nodepools /var/lib/kubelet /etc/cni /etc/rancher";
  const script = `
    for folder in ${folders}; do
      test ! -e "$folder" || find "$folder" -printf '%p %m %T@ ' \\( -type f -exec sha256sum {} ';' -o -printf '\\n' \\)
    done
    ls -d /run/nodepools* 2>/dev/null; sysctl net.ipv4.ip_forward; true`;
  return onHost(name, script);
}
