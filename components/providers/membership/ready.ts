// When a joined machine's Node counts as ready, how that is waited for, and why it did not come.
import { count } from "../../drain/report.ts";
import type { KubeApi, Node, Pod } from "../../kube/api.ts";
import { isTransient } from "../../kube/kube-error.ts";
import { readNodeReady, readyStatus, troublesOf } from "../../kube/node-ready.ts";
import { poll } from "../../model/clock.ts";
import { durations } from "../../model/durations.ts";
import { oneLine } from "../../model/foreign-text.ts";
import { openSession } from "../../ssh/session.ts";
import { errorText } from "../errors.ts";
import { nodeNamed } from "../identity.ts";
import type { Operation } from "../operation.ts";
import type { Progress } from "../progress.ts";
import type { MembershipInputs } from "./state.ts";

// Taints with which a Node says itself that it is not usable yet (k8s.io/api/core/v1/well_known_taints.go).
const startingTaints = [
  "node.kubernetes.io/not-ready",
  "node.kubernetes.io/unreachable",
  "node.kubernetes.io/network-unavailable",
  "node.cloudprovider.kubernetes.io/uninitialized",
];

/** Lists what a Node still lacks to be ready; empty when it is. */
export function missingForReady(node: Node): string[] {
  const message = readNodeReady(node)?.message;
  const missing: string[] = [];
  if (readyStatus(node) !== "True") {
    missing.push(`Ready is ${readyStatus(node)}${message ? ` (${message})` : ""}`);
  }
  missing.push(...troublesOf(node));
  for (const taint of node.spec?.taints ?? []) {
    if (startingTaints.includes(taint.key)) missing.push(`taint ${taint.key}`);
  }
  return missing;
}

/** Outcome of the wait: the ready Node, or what was last seen when time ran out. */
export type ReadyOutcome =
  | { readonly ready: true; readonly node: Node }
  | { readonly ready: false; readonly node: Node | undefined; readonly missing: readonly string[] };

/** Waits for the Node of this name and machine; another machine's Node of the same name counts as absent. */
export async function waitForReady(
  operation: Operation,
  expected: { readonly node: string; readonly machineId: string; readonly timeoutSeconds: number },
  progress: Progress,
): Promise<ReadyOutcome> {
  const within = expected.timeoutSeconds;
  const start = operation.clock.now();
  let last: Look = { node: undefined, missing: [] };
  const node = await poll(operation.clock, {
    every: durations.providers.lookForReady,
    within,
    until: async () => {
      last = await look(operation, expected);
      return last.missing.length === 0 ? last.node : undefined;
    },
    onWait: (elapsed) =>
      progress.now(`waiting for Ready ${elapsed} s of ${within} s: ${last.missing.join(", ")}`),
  });
  if (node === undefined) return { ready: false, ...last };
  progress.done(`Ready after ${Math.round(operation.clock.now() - start)} s`);
  return { ready: true, node };
}

interface Look {
  readonly node: Node | undefined;
  readonly missing: readonly string[];
}

/** Looks once. A restart of the API server must not end the wait of a host that has just joined. */
async function look(
  operation: Operation,
  expected: { readonly node: string; readonly machineId: string },
): Promise<Look> {
  try {
    const named = nodeNamed(await operation.nodes(), expected.node);
    const node = named?.status?.nodeInfo?.machineID === expected.machineId ? named : undefined;
    return { node, missing: node === undefined ? ["its Node is not registered"] : missingForReady(node) };
  } catch (error) {
    if (!isTransient(error)) throw error;
    return { node: undefined, missing: [`unknown: ${errorText(error)}`] };
  }
}

const kubeletLines = 5;
const shownPods = 10;

/** Collects the reasons, most general first; a source that cannot be asked is named with its own error. */
export async function notReadyReasons(
  operation: Operation,
  inputs: MembershipInputs,
  missing: readonly string[],
): Promise<string[]> {
  const summary = `waiting for node "${inputs.node}" to be Ready: not after ${inputs.readyTimeoutSeconds} s; ${missing.join(", ")}. The host stays joined: mend the cause and run \`pulumi up\` again, or change its rejoinTrigger to start it over`;
  const [pods, kubelet] = await Promise.all([
    failingPods(operation.kube, inputs.node),
    kubeletErrors(operation, inputs),
  ]);
  return [summary, ...pods, ...kubelet];
}

async function failingPods(api: KubeApi, node: string): Promise<string[]> {
  try {
    const failing = (await api.listPodsOnNode(node)).flatMap((pod) => describeFailingPod(pod) ?? []);
    const more = failing.length - shownPods;
    return more > 0
      ? [...failing.slice(0, shownPods), `${count(more, "other pod")} not running as well`]
      : failing;
  } catch (error) {
    return [`its pods could not be listed: ${errorText(error)}`];
  }
}

/** Names a pod that does not run and the reason that its containers give; nothing for a healthy pod. */
export function describeFailingPod(pod: Pod): string | undefined {
  const phase = pod.status?.phase;
  const containers = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const waiting = containers.map((container) => container.state?.waiting).find((state) => state?.reason);
  if (phase === "Succeeded" || (phase === "Running" && waiting === undefined)) return undefined;
  const cause = waiting
    ? `${waiting.reason}${waiting.message ? ` (${waiting.message})` : ""}`
    : (phase ?? "Unknown");
  return `pod ${pod.metadata?.namespace}/${pod.metadata?.name}: ${cause}`;
}

async function kubeletErrors({ ssh }: Operation, inputs: MembershipInputs): Promise<string[]> {
  try {
    await using session = await openSession(inputs.host, ssh);
    // Every kubelet complains once a minute of the folder for static pods, which a worker does not have.
    const { stdout } = await session.run(
      `journalctl -u kubelet -n 200 --no-pager -o cat | grep -E '^E|rror' | grep -v 'Unable to read config path' | tail -n ${kubeletLines}`,
      { task: "reading the kubelet's last errors", timeoutSeconds: durations.providers.kubeletLog },
    );
    return stdout
      .trim()
      .split("\n")
      .slice(-kubeletLines)
      .flatMap((line) => (line.trim() ? `kubelet: ${oneLine(line.trim())}` : []));
  } catch (error) {
    return [`its kubelet's log could not be read: ${errorText(error)}`];
  }
}
