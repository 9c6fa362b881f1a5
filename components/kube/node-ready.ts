// Whether a Node's kubelet reports, and what: the one reading of its conditions. Pure.
import { readTime } from "../model/clock.ts";
import { durations } from "../model/durations.ts";
import type { Node } from "./api.ts";

/** What the kubelet says of the node; "Unknown" is said for it by the cluster once it has stopped reporting. */
export interface NodeReady {
  readonly status: "True" | "False" | "Unknown";
  /** Since when, in seconds since 1970 on the cluster's clock; undefined when the Node does not tell. */
  readonly since: number | undefined;
  readonly message: string;
}

/** Reads the Ready condition; undefined for a Node that has none, on which no kubelet has ever reported. */
export function readNodeReady(node: Node): NodeReady | undefined {
  const found = node.status?.conditions?.find(({ type }) => type === "Ready");
  if (found === undefined) return undefined;
  const status = found.status === "True" || found.status === "False" ? found.status : "Unknown";
  return { status, since: readTime(found.lastTransitionTime), message: found.message ?? "" };
}

/** Names the status of the Ready condition; Unknown for a Node that has none. */
export function readyStatus(node: Node): NodeReady["status"] {
  return readNodeReady(node)?.status ?? "Unknown";
}

/** Tells whether the kubelet reports that it takes pods. */
export function isReady(node: Node): boolean {
  return readNodeReady(node)?.status === "True";
}

const troubles = ["MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"];

/** Names the conditions of trouble that hold: pressure on memory, disk or process ids, no network. */
export function troublesOf({ status }: Node): string[] {
  const conditions = status?.conditions ?? [];
  return troubles.filter((trouble) =>
    conditions.some((condition) => condition.type === trouble && condition.status === "True"),
  );
}

/**
 * Tells whether the kubelet has stopped reporting for good, so that nobody ends the node's pods:
 * - Ready is Unknown; a kubelet that reports False still ends pods
 * - for longer than kubelets are silent after an outage of the API server.
 * @param now seconds since 1970 on the cluster's clock
 */
export function isUnreachable(node: Node, now: number): boolean {
  const ready = readNodeReady(node);
  return ready?.status === "Unknown" && now - (ready.since ?? 0) >= durations.kube.silentForGood;
}
