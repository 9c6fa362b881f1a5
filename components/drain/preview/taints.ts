// Which pods a new taint of effect NoExecute evicts from a node that stays. Pure.
import type { Node, Pod } from "../../kube/api.ts";
import { isSameTaint, type Taint } from "../../model/taint.ts";
import { isFinished, isMirrorPod, isTerminating, tolerates } from "../pod-filters.ts";
import { countByOwner, type DisruptionFact } from "./facts.ts";
import type { Scene } from "./scene.ts";

/** Tells, taint by taint, on which nodes it evicts whose pods; nothing for nodes that are drained anyway. */
export function describeTaints({ addedTaints, disrupted, nodes, pods }: Scene): DisruptionFact[] {
  const drained = new Set(disrupted.map(({ nodeName }) => nodeName));
  const byName = new Map(nodes.map((node) => [node.metadata?.name, node]));
  const podsByNode = Map.groupBy(addedTaints.length > 0 ? pods : [], (pod) => pod.spec?.nodeName);
  const effective = addedTaints.flatMap(({ nodeName, taint }) => {
    const node = byName.get(nodeName);
    if (node === undefined || drained.has(nodeName) || hasTaint(node, taint)) return [];
    const evicted = (podsByNode.get(nodeName) ?? []).filter((pod) => isEvictedBy(pod, taint));
    return evicted.length > 0 ? [{ nodeName, text: taintText(taint), evicted }] : [];
  });
  return [...Map.groupBy(effective, ({ text }) => text)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([taint, group]) => ({
      kind: "taint-evicts",
      severity: "warning",
      taint,
      nodes: group.map(({ nodeName }) => nodeName).sort(),
      owners: countByOwner(group.flatMap(({ evicted }) => evicted)),
    }));
}

function hasTaint(node: Node, taint: Taint): boolean {
  return (node.spec?.taints ?? []).some(
    (other) => isSameTaint(other, taint) && (other.value ?? "") === (taint.value ?? ""),
  );
}

function taintText({ key, value, effect }: Taint): string {
  return `${key}${value ? `=${value}` : ""}:${effect}`;
}

/** The host's own pods stay; all others need tolerations without an end (kubernetes pkg/controller/tainteviction). */
function isEvictedBy(pod: Pod, taint: Taint): boolean {
  if (isFinished(pod) || isTerminating(pod) || isMirrorPod(pod)) return false;
  const matching = (pod.spec?.tolerations ?? []).filter((toleration) =>
    tolerates({ ...pod, spec: { containers: [], ...pod.spec, tolerations: [toleration] } }, taint),
  );
  return matching.length === 0 || matching.some(({ tolerationSeconds }) => tolerationSeconds !== undefined);
}
