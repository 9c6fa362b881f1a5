// Whether the pods that move can run on the nodes that stay. Pure.
import type { Node, Pod } from "../../kube/api.ts";
import { podKey } from "../pod-filters.ts";
import type { RemovalFact } from "./facts.ts";
import { tryFit } from "./fit.ts";
import { isSelected, takesPods } from "./placement.ts";
import type { Scene } from "./scene.ts";
import { affinitiesOf, type VolumesOf, volumeKey } from "./volumes.ts";

/** Tells which pods their volumes hold back, which no node accepts, which find no room, and how many fit. */
export function describeRoom(scene: Scene, moving: readonly Pod[], volumesOf: VolumesOf): RemovalFact[] {
  const leaving = new Set(scene.leaving.map(({ nodeName }) => nodeName));
  const staying = scene.nodes.filter((node) => !leaving.has(node.metadata?.name ?? ""));
  const isBound = (pod: Pod) => isHeldBack(pod, staying, volumesOf);
  const bound = moving.filter(isBound);
  const free = bound.length > 0 ? moving.filter((pod) => !isBound(pod)) : moving;
  return [
    ...describeBound(bound, volumesOf),
    ...describeFit(scene, free, staying.filter(takesPods), volumesOf),
  ];
}

/** Tells whether some volume of the pod can be reached from none of the nodes. */
function isHeldBack(pod: Pod, nodes: readonly Node[], volumesOf: VolumesOf): boolean {
  return affinitiesOf(pod, volumesOf).some((affinity) => !nodes.some((node) => isSelected(node, affinity)));
}

function describeBound(bound: readonly Pod[], volumesOf: VolumesOf): RemovalFact[] {
  if (bound.length === 0) return [];
  const volumes = bound.flatMap(volumesOf).filter(({ spec }) => spec?.nodeAffinity?.required);
  const names = [...new Set(volumes.map(volumeKey))].sort();
  return [{ kind: "volumes-bound", severity: "warning", pods: podNames(bound), volumes: names }];
}

function describeFit(
  { pods, joining }: Scene,
  moving: readonly Pod[],
  usable: readonly Node[],
  volumesOf: VolumesOf,
): RemovalFact[] {
  if (moving.length === 0) return [];
  const { placed, unaccepted, unplaced, shortages } = tryFit(moving, usable, pods, volumesOf);
  const room = { nodes: usable.length, joining: [...joining].sort() };
  const warning = { severity: "warning", ...room } as const;
  return [
    ...(unaccepted.length > 0
      ? [{ kind: "no-node-accepts", ...warning, pods: podNames(unaccepted) } as const]
      : []),
    ...(unplaced.length > 0
      ? [{ kind: "no-room", ...warning, pods: podNames(unplaced), shortages } as const]
      : []),
    ...(placed > 0 ? [{ kind: "fits", severity: "info", ...room, pods: placed } as const] : []),
  ];
}

function podNames(pods: readonly Pod[]): string[] {
  return pods.map(podKey).sort();
}
