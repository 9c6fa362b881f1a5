// Whether pods find room, by their requests, on given nodes: first fit, largest first. Pure.
// Of rules about other pods anti-affinity by hostname is looked at; topology spread, host ports and the number of volumes per node are not looked at.
import type { Node, Pod } from "../../kube/api.ts";
import { readAmount } from "../../model/quantity.ts";
import { accepts, isSelected } from "../placement.ts";
import { isFinished } from "../pod-filters.ts";
import { areApart, saysApart, templateLabels } from "./apart.ts";
import type { Shortage } from "./facts.ts";
import { affinitiesOf, type VolumesOf } from "./volumes.ts";

/** What each node has free, by its name. */
export type FreeAmounts = ReadonlyMap<string, Amounts>;

/** A node and what it has left. */
interface Place {
  readonly node: Node;
  readonly free: Map<string, number>;
}

/** Pods that ask the same of a node, and the nodes that accept them. */
interface Batch {
  readonly pods: readonly Pod[];
  readonly requests: Amounts;
  readonly places: readonly Place[];
  /** Nodes that would take them but for pods that are there already and must not share a node with them. */
  readonly crowdedPlaces: number;
  /** Whether no two of them may share a node. */
  readonly isApart: boolean;
}

/** What came of the trial. */
export interface Fit {
  readonly placed: number;
  /** Pods that no node accepts, however much room it has. */
  readonly unaccepted: readonly Pod[];
  /** Pods that must not share a node with others, and for which no node is left. */
  readonly crowded: readonly Pod[];
  /** Pods for which no node that accepts them has room. */
  readonly unplaced: readonly Pod[];
  /** Of the unplaced pods, by resource. */
  readonly shortages: readonly Shortage[];
}

/** Tries to place `moving` on `nodes`, in what is free on them beside the pods that stay. */
export function tryFit(
  moving: readonly Pod[],
  nodes: readonly Node[],
  free: FreeAmounts,
  volumesOf: VolumesOf,
  staying: readonly Pod[] = [],
): Fit {
  const places = openPlaces(nodes, free);
  const batches = makeBatches(moving, places, volumesOf, staying);
  const [accepted, refused] = [batches.filter(isAccepted), batches.filter((batch) => !isAccepted(batch))];
  const total = places.map(({ free }): Amounts => new Map(free)).reduce(add, new Map());
  const bySize = accepted.toSorted((one, other) => shareOf(other, total) - shareOf(one, total));
  const rest = bySize.map((batch) => ({
    ...batch,
    pods: batch.pods.slice(fill(batch)),
    isOneTooMany: batch.isApart && batch.pods.length > batch.places.length,
  }));
  const lacking = rest.filter(({ pods }) => pods.length > 0);
  const short = lacking.filter(({ isOneTooMany }) => !isOneTooMany);
  const unplaced = short.flatMap((batch) => batch.pods);
  const crowded = [
    ...refused.filter(isCrowded),
    ...lacking.filter(({ isOneTooMany }) => isOneTooMany),
  ].flatMap((batch) => batch.pods);
  const unaccepted = refused.filter((batch) => !isCrowded(batch)).flatMap((batch) => batch.pods);
  const placed = moving.length - unplaced.length - unaccepted.length - crowded.length;
  return { placed, unaccepted, crowded, unplaced, shortages: findShortages(short) };
}

function isCrowded({ crowdedPlaces }: Batch): boolean {
  return crowdedPlaces > 0;
}

function isAccepted({ places }: Batch): boolean {
  return places.length > 0;
}

/** Counts what the pods leave free of each node. */
export function countFree(nodes: readonly Node[], pods: readonly Pod[]): FreeAmounts {
  const free = new Map(
    nodes.map((node) => [node.metadata?.name ?? "", new Map(readAmounts(node.status?.allocatable))]),
  );
  for (const pod of pods) {
    const place = free.get(pod.spec?.nodeName ?? "");
    if (place && !isFinished(pod)) subtract(place, podRequests(pod), 1);
  }
  return free;
}

function openPlaces(nodes: readonly Node[], free: FreeAmounts): Place[] {
  return nodes
    .map((node) => ({ node, free: new Map(free.get(node.metadata?.name ?? "")) }))
    .sort((one, other) => ((one.node.metadata?.name ?? "") < (other.node.metadata?.name ?? "") ? -1 : 1));
}

function subtract(free: Map<string, number>, requests: Amounts, times: number): void {
  for (const [resource, amount] of requests) free.set(resource, amountOf(free, resource) - amount * times);
}

/** Pods of one template are alike: each template is compared with each node once, however many pods it has. */
function makeBatches(
  moving: readonly Pod[],
  places: readonly Place[],
  volumesOf: VolumesOf,
  staying: readonly Pod[],
): Batch[] {
  // Most clusters have no such pods, and need not compare each with each.
  const others = [...moving, ...staying].some(saysApart) ? staying : [];
  const byNode = Map.groupBy(others, (pod) => pod.spec?.nodeName ?? "");
  return [...Map.groupBy(moving, (pod) => wishesOf(pod, volumesOf)).values()].flatMap((pods) => {
    const [first] = pods;
    if (first === undefined) return [];
    const affinities = affinitiesOf(first, volumesOf);
    const accepting = places.filter(
      ({ node }) => accepts(node, first) && affinities.every((affinity) => isSelected(node, affinity)),
    );
    const open = accepting.filter(
      ({ node }) => !(byNode.get(node.metadata?.name ?? "") ?? []).some((other) => areApart(first, other)),
    );
    const crowdedPlaces = accepting.length - open.length;
    return [
      { pods, requests: podRequests(first), places: open, crowdedPlaces, isApart: areApart(first, first) },
    ];
  });
}

function wishesOf(pod: Pod, volumesOf: VolumesOf): string {
  const { nodeSelector, affinity, tolerations } = pod.spec ?? {};
  const requests = [...podRequests(pod)];
  return JSON.stringify([
    requests,
    nodeSelector,
    affinity?.nodeAffinity,
    tolerations,
    affinitiesOf(pod, volumesOf),
    // Whom a pod repels, and who repels it, hangs on its labels.
    templateLabels(pod),
    affinity?.podAntiAffinity,
  ]);
}

/** Returns the largest part of what is free in all that one pod asks for; 0 when nothing of it is free anywhere. */
function shareOf({ requests }: Batch, total: Amounts): number {
  const shares = [...requests].map(
    ([resource, amount]) => amount / (total.get(resource) || Number.POSITIVE_INFINITY),
  );
  return Math.max(0, ...shares);
}

/** Places as many pods of the batch as have room; returns how many. */
function fill({ pods, requests, places, isApart }: Batch): number {
  const most = isApart ? 1 : pods.length;
  let placed = 0;
  for (const { free } of places) {
    const here = Math.min(pods.length - placed, most, roomFor(requests, free));
    subtract(free, requests, here);
    placed += here;
  }
  return placed;
}

function roomFor(requests: Amounts, free: Amounts): number {
  const rooms = [...requests].map(([resource, amount]) => Math.floor(amountOf(free, resource) / amount));
  return Math.max(0, Math.min(...rooms));
}

/** A resource is short when a node that accepts the pods has too little for one of them, or all together for all. */
function findShortages(rest: readonly Batch[]): Shortage[] {
  const resources = new Set(rest.flatMap(({ requests }) => [...requests.keys()]));
  return [...resources].sort().flatMap((resource) => {
    const asking = rest.filter(({ requests }) => requests.has(resource));
    const asked = asking.reduce(
      (sum, batch) => sum + batch.pods.length * amountOf(batch.requests, resource),
      0,
    );
    const places = new Set(asking.flatMap((batch) => batch.places));
    const left = [...places].reduce((sum, { free }) => sum + Math.max(0, amountOf(free, resource)), 0);
    const isShort = asking.some((batch) =>
      batch.places.some(({ free }) => amountOf(free, resource) < amountOf(batch.requests, resource)),
    );
    return isShort || asked > left ? [{ resource, asked, left }] : [];
  });
}

function amountOf(amounts: Amounts, resource: string): number {
  return amounts.get(resource) ?? 0;
}

// What a pod asks of its node, as the scheduler counts it: kubernetes component-helpers resource/helpers.go PodRequests.

/** Amounts by resource, as `readAmount` reads them. */
export type Amounts = ReadonlyMap<string, number>;

type Quantities = { readonly [resource: string]: string } | undefined;

/** Reads amounts, leaving out those of nothing. */
export function readAmounts(quantities: Quantities): Amounts {
  const read = Object.entries(quantities ?? {}).map(([resource, text]): [string, number] => [
    resource,
    readAmount(resource, text),
  ]);
  return new Map(read.filter(([, amount]) => amount > 0));
}

/**
 * Returns what the pod needs, itself counted as one of `pods`:
 * - the sum of its containers and of its sidecars (init containers that restart always)
 * - or, where that is more, one init container together with the sidecars started before it
 * - where the pod has requests of its own, those of them instead
 * - plus the overhead of its runtime class.
 */
export function podRequests({ spec }: Pod): Amounts {
  let sidecars: Amounts = new Map();
  let starting: Amounts = new Map();
  for (const container of spec?.initContainers ?? []) {
    const needed = add(sidecars, readAmounts(container.resources?.requests));
    if (container.restartPolicy === "Always") sidecars = needed;
    starting = merge(starting, needed, Math.max);
  }
  const running = (spec?.containers ?? []).map((container) => readAmounts(container.resources?.requests));
  const ofContainers = merge(running.reduce(add, sidecars), starting, Math.max);
  const ofPod = new Map([...ofContainers, ...readAmounts(spec?.resources?.requests)]);
  return add(add(ofPod, readAmounts(spec?.overhead)), new Map([["pods", 1]]));
}

/** Adds two sets of amounts. */
export function add(one: Amounts, other: Amounts): Amounts {
  return merge(one, other, (a, b) => a + b);
}

function merge(one: Amounts, other: Amounts, combine: (a: number, b: number) => number): Amounts {
  const merged = new Map(one);
  for (const [resource, amount] of other) merged.set(resource, combine(merged.get(resource) ?? 0, amount));
  return merged;
}
