// Why a pod is not Ready, in the words of the scheduler and of the kubelet. Pure.
import type { Pod } from "../kube/api.ts";
import { oneLine } from "../model/foreign-text.ts";
import { isTerminating } from "./pod-filters.ts";

type ContainerStatus = NonNullable<NonNullable<Pod["status"]>["containerStatuses"]>[number];

/**
 * Says why, the first of these that applies:
 * - it terminates
 * - no node was found for it: the scheduler's message
 * - a container waits or ended: the kubelet's reason, with how it ended the last time
 * - it runs: the message of its Ready condition.
 */
export function whyNotReady(pod: Pod): string {
  if (isTerminating(pod)) return "terminating";
  const { phase = "Pending", conditions = [] } = pod.status ?? {};
  const conditionOf = (type: string) => conditions.find((one) => one.type === type && one.status !== "True");
  const unplaced = conditionOf("PodScheduled");
  if (unplaced) return `${phase}: ${say(unplaced.message) || "no node was found for it"}`;
  if (pod.spec?.nodeName === undefined) return `${phase}: the scheduler has not looked at it yet`;
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  const stuck =
    explainFirst("init container", initContainerStatuses) ?? explainFirst("container", containerStatuses);
  if (stuck) return stuck;
  return `${phase}, not Ready: ${say(conditionOf("Ready")?.message) || "its kubelet has not said why"}`;
}

function explainFirst(what: string, statuses: readonly ContainerStatus[]): string | undefined {
  for (const status of statuses) {
    const why = explainContainer(status);
    if (why !== undefined) return `${what} ${status.name}: ${why}`;
  }
  return undefined;
}

/** An init container that has ended well has done its work. */
function explainContainer({ state, lastState }: ContainerStatus): string | undefined {
  const { waiting, terminated } = state ?? {};
  if (terminated) return terminated.exitCode === 0 ? undefined : describeEnd(terminated);
  if (!waiting) return undefined;
  const { reason, message } = waiting;
  const before = lastState?.terminated;
  // The message of a crash loop only says how long the pause is.
  const detail = before ? describeEnd(before) : say(message);
  return [say(reason) || "waiting", ...(detail ? [detail] : [])].join(", ");
}

function describeEnd({
  exitCode,
  reason,
  message,
}: {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
}): string {
  const said = [say(reason), say(message)].filter((text) => text !== "").join(": ");
  return `ended with exit code ${exitCode}${said ? ` (${said})` : ""}`;
}

function say(text: string | undefined): string {
  return oneLine((text ?? "").trim());
}
