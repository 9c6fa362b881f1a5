// What a Node shows of itself, in the words of the outputs. Pure.
import type { Node } from "../../kube/api.ts";
import type { NodeObservation } from "./state.ts";

/** Names the status of the Ready condition: True, False or Unknown. */
export function readyStatus(node: Node): string {
  return node.status?.conditions?.find((condition) => condition.type === "Ready")?.status ?? "Unknown";
}

/** Summarises a Node for outputs and drift. */
export function observe(node: Node): NodeObservation {
  const addresses = node.status?.addresses ?? [];
  return {
    uid: node.metadata?.uid ?? "",
    ready: readyStatus(node),
    schedulable: node.spec?.unschedulable !== true,
    kubeletVersion: node.status?.nodeInfo?.kubeletVersion ?? "",
    containerRuntime: node.status?.nodeInfo?.containerRuntimeVersion ?? "",
    internalIp: addresses.find((address) => address.type === "InternalIP")?.address ?? "",
  };
}
