// When a joined machine's Node counts as ready, and what keeps it from being so. Pure.
import type { Node } from "../../kube/api.ts";
import { readyStatus } from "./observe.ts";

// Taints with which a Node says itself that it is not usable yet (k8s.io/api/core/v1/well_known_taints.go).
const startingTaints = [
  "node.kubernetes.io/not-ready",
  "node.kubernetes.io/unreachable",
  "node.kubernetes.io/network-unavailable",
  "node.cloudprovider.kubernetes.io/uninitialized",
];

/** Lists what a Node still lacks to be ready; empty when it is. */
export function missingForReady(node: Node): string[] {
  const conditions = node.status?.conditions ?? [];
  const ready = conditions.find((condition) => condition.type === "Ready");
  const missing: string[] = [];
  if (readyStatus(node) !== "True") {
    missing.push(`Ready is ${readyStatus(node)}${ready?.message ? ` (${ready.message})` : ""}`);
  }
  for (const type of ["MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"]) {
    if (conditions.some((condition) => condition.type === type && condition.status === "True"))
      missing.push(type);
  }
  for (const taint of node.spec?.taints ?? []) {
    if (startingTaints.includes(taint.key)) missing.push(`taint ${taint.key}`);
  }
  return missing;
}
