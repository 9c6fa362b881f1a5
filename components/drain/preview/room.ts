// Whether the pods that move can run on the nodes that stay. Pure.
import type { Node, Pod } from "../../kube/api.ts";
import { isAwayForAWhile } from "../../model/disruption.ts";
import { isSelected, takesPods } from "../placement.ts";
import { isFinished, isTerminating, podKey } from "../pod-filters.ts";
import { hasOtherRules } from "./apart.ts";
import type { DisruptionFact } from "./facts.ts";
import { countFree, type Fit, type FreeAmounts, tryFit } from "./fit.ts";
import type { DisruptedNode, Scene } from "./scene.ts";
import { spreadRules } from "./spread.ts";
import { affinitiesOf, type VolumesOf, volumeKey } from "./volumes.ts";

/** What every trial of one preview rests on. */
interface Trial {
  readonly scene: Scene;
  /** Pods of all nodes of the change, in order. */
  readonly moving: readonly Pod[];
  readonly free: FreeAmounts;
  readonly volumesOf: VolumesOf;
}

/**
 * Tells which pods their volumes hold back, which no node accepts, which find no room, and how many fit. Nodes that
 * leave or stay drained are away all at once; those that reboot or rejoin, only as many as their pool allows: the first such
 * group that fares badly is told, or that all fare well.
 */
export function describeRoom(scene: Scene, moving: readonly Pod[], volumesOf: VolumesOf): DisruptionFact[] {
  const trial = { scene, moving, free: countFree(scene.nodes, scene.pods), volumesOf };
  const away = scene.disrupted.filter(({ disruption }) => !isAwayForAWhile(disruption));
  return [...describeAbsence(trial, away, away), ...describeReturning(trial, away)];
}

function describeReturning(trial: Trial, away: readonly DisruptedNode[]): DisruptionFact[] {
  let first: DisruptionFact[] | undefined;
  for (const group of groupReturning(trial.scene.disrupted)) {
    const facts = describeAbsence(trial, away, group);
    if (facts.some(({ severity }) => severity === "warning")) return facts;
    first ??= facts;
  }
  return first ?? [];
}

/** Groups the nodes that are away for a while as their pools take turns. */
function groupReturning(disrupted: readonly DisruptedNode[]): DisruptedNode[][] {
  const pools = Map.groupBy(
    disrupted.filter(({ disruption }) => isAwayForAWhile(disruption)),
    ({ pool }) => pool,
  );
  return [...pools.values()].flatMap((nodes) => {
    const size = Math.max(1, nodes[0]?.maxUnavailable ?? 1);
    const count = Math.ceil(nodes.length / size);
    return Array.from({ length: count }, (_, at) => nodes.slice(at * size, (at + 1) * size));
  });
}

/** Tries to place the pods of `movers` while these and all of `away` take none. */
function describeAbsence(
  trial: Trial,
  away: readonly DisruptedNode[],
  movers: readonly DisruptedNode[],
): DisruptionFact[] {
  const { scene, moving, volumesOf } = trial;
  const absent = namesOf([...away, ...movers]);
  const from = namesOf(movers);
  const staying = scene.nodes.filter((node) => !absent.has(node.metadata?.name ?? ""));
  const pods = moving.filter((pod) => from.has(pod.spec?.nodeName ?? ""));
  const isHeldBack = (pod: Pod) =>
    affinitiesOf(pod, volumesOf).some((affinity) => !staying.some((node) => isSelected(node, affinity)));
  const bound = pods.filter(isHeldBack);
  const unbound = bound.length > 0 ? pods.filter((pod) => !isHeldBack(pod)) : pods;
  return [...describeBound(bound, movers, volumesOf), ...describeFit(trial, unbound, staying, absent)];
}

function namesOf(nodes: readonly DisruptedNode[]): ReadonlySet<string> {
  return new Set(nodes.map(({ nodeName }) => nodeName));
}

/** Volumes of nodes that come back are there again with them: a reset leaves the disks alone. */
function describeBound(
  bound: readonly Pod[],
  nodes: readonly DisruptedNode[],
  volumesOf: VolumesOf,
): DisruptionFact[] {
  const returning = namesOf(
    nodes.filter((node) => node.disruption === "maintenance" || isAwayForAWhile(node.disruption)),
  );
  const returns = (pod: Pod) => returning.has(pod.spec?.nodeName ?? "");
  const [gone, back] = [bound.filter((pod) => !returns(pod)), bound.filter(returns)];
  return [
    ...(gone.length > 0 ? [tellBound(gone, volumesOf)] : []),
    ...(back.length > 0 ? [{ ...tellBound(back, volumesOf), returns: true } as const] : []),
  ];
}

function tellBound(bound: readonly Pod[], volumesOf: VolumesOf) {
  const volumes = bound.flatMap(volumesOf).filter(({ spec }) => spec?.nodeAffinity?.required);
  const names = [...new Set(volumes.map(volumeKey))].sort();
  return { kind: "volumes-bound", severity: "warning", pods: podNames(bound), volumes: names } as const;
}

/** Tells what fits on the nodes that stay, first as it is once the nodes that leave are gone. */
function describeFit(
  { scene, free, volumesOf }: Trial,
  moving: readonly Pod[],
  staying: readonly Node[],
  absent: ReadonlySet<string>,
): DisruptionFact[] {
  if (moving.length === 0) return [];
  const isMoving = new Set(moving);
  const usable = staying.filter(takesPods);
  const ground = {
    ...{ nodes: usable, free, volumesOf },
    staying: scene.pods.filter((pod) => !isMoving.has(pod) && !isFinished(pod) && !isTerminating(pod)),
  };
  const spreadOver = (nodes: readonly Node[]) =>
    tryFit(moving, { ...ground, domains: { nodes, cordoned: absent } });
  const fit = spreadOver(withoutLeaving(scene));
  const room = { nodes: usable.length, joining: [...scene.joining].sort() };
  return [
    ...describeMisfits(fit, room),
    ...describeDelay(fit, moving, () => spreadOver(scene.nodes).uneven),
    ...describeUnchecked(moving),
    ...(fit.placed > 0 ? [{ kind: "fits", severity: "info", ...room, pods: fit.placed } as const] : []),
  ];
}

function withoutLeaving({ nodes, disrupted }: Scene): Node[] {
  const leaving = namesOf(disrupted.filter(({ disruption }) => ["leaves", "lost"].includes(disruption)));
  return nodes.filter(({ metadata }) => !leaving.has(metadata?.name ?? ""));
}

function describeMisfits(
  { unaccepted, crowded, uneven, unplaced, shortages }: Fit,
  room: { readonly nodes: number; readonly joining: readonly string[] },
): DisruptionFact[] {
  const tell = <Kind extends string>(kind: Kind, pods: readonly Pod[]) =>
    pods.length > 0 ? [{ kind, severity: "warning", ...room, pods: podNames(pods) } as const] : [];
  return [
    ...tell("no-node-accepts", unaccepted),
    ...tell("no-node-apart", crowded),
    ...tell("no-node-spread", uneven),
    ...tell("no-room", unplaced).map((fact) => ({ ...fact, shortages })),
  ];
}

/** A cordoned node counts in the spread of most constraints: what may not go elsewhere before it is deleted waits. */
function describeDelay(
  { uneven }: Fit,
  moving: readonly Pod[],
  unevenMeanwhile: () => readonly Pod[],
): DisruptionFact[] {
  if (!moving.some((pod) => spreadRules(pod).length > 0)) return [];
  const never = new Set(uneven);
  const later = unevenMeanwhile().filter((pod) => !never.has(pod));
  return later.length > 0 ? [{ kind: "spread-waits", severity: "warning", pods: podNames(later) }] : [];
}

function describeUnchecked(moving: readonly Pod[]): DisruptionFact[] {
  const unchecked = moving.filter(hasOtherRules);
  return unchecked.length > 0
    ? [{ kind: "rules-not-checked", severity: "info", pods: podNames(unchecked) }]
    : [];
}

function podNames(pods: readonly Pod[]): string[] {
  return pods.map(podKey).sort();
}
