// Whether pods find room, by their requests, on given nodes: first fit, largest first. Pure.
// Of rules about other pods anti-affinity by hostname and topology spread are looked at; pod affinity, host ports and the number of volumes per node are not.
import type { Node, Pod } from "../../kube/api.ts";
import { accepts, isSelected } from "../placement.ts";
import { isFinished } from "../pod-filters.ts";
import { areApart, saysApart, templateLabels } from "./apart.ts";
import type { Shortage } from "./facts.ts";
import { type Amounts, add, podRequests, readAmounts } from "./pod-requests.ts";
import { type Domains, Spread, spreadRules } from "./spread.ts";
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
  /** How evenly they must be spread; undefined when they need not be. */
  readonly spread: Spread | undefined;
}

/** Where pods may go, and what is there already. */
interface Ground {
  /** Nodes that take pods. */
  readonly nodes: readonly Node[];
  readonly free: FreeAmounts;
  readonly volumesOf: VolumesOf;
  /** Pods that do not move. */
  readonly staying: readonly Pod[];
  /** The nodes over which pods are spread, those included that take none. */
  readonly domains: Domains;
}

/** What came of the trial. */
export interface Fit {
  readonly placed: number;
  /** Pods that no node accepts, however much room it has. */
  readonly unaccepted: readonly Pod[];
  /** Pods that must not share a node with others, and for which no node is left. */
  readonly crowded: readonly Pod[];
  /** Pods that must be spread evenly, and for which no node is left that has room. */
  readonly uneven: readonly Pod[];
  /** Pods for which no node that accepts them has room. */
  readonly unplaced: readonly Pod[];
  /** Of the unplaced pods, by resource. */
  readonly shortages: readonly Shortage[];
}

/** Tries to place `moving` in what is free beside the pods that stay. */
export function tryFit(moving: readonly Pod[], ground: Ground): Fit {
  const places = openPlaces(ground);
  const batches = makeBatches(moving, places, ground);
  const [accepted, refused] = [batches.filter(isAccepted), batches.filter((batch) => !isAccepted(batch))];
  const total = places.map(({ free }): Amounts => new Map(free)).reduce(add, new Map());
  const bySize = accepted.toSorted((one, other) => shareOf(other, total) - shareOf(one, total));
  const rest = bySize.map((batch) => ({
    ...batch,
    pods: batch.pods.slice(fill(batch)),
    isOneTooMany: batch.isApart && batch.pods.length > batch.places.length,
  }));
  const lacking = rest.filter(({ pods }) => pods.length > 0);
  const apart = [...refused.filter(isCrowded), ...lacking.filter(({ isOneTooMany }) => isOneTooMany)];
  const [uneven, short] = split(
    lacking.filter(({ isOneTooMany }) => !isOneTooMany),
    hasRoom,
  );
  const fit = {
    unaccepted: podsOf(refused.filter((batch) => !isCrowded(batch))),
    crowded: podsOf(apart),
    uneven: podsOf(uneven),
    unplaced: podsOf(short),
  };
  const placed = moving.length - Object.values(fit).flat().length;
  return { placed, ...fit, shortages: findShortages(short) };
}

function podsOf(batches: readonly Batch[]): Pod[] {
  return batches.flatMap(({ pods }) => pods);
}

function split<Item>(items: readonly Item[], is: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(is), items.filter((item) => !is(item))];
}

/** What found no place although there is room is kept from it by its spread. */
function hasRoom({ spread, requests, places }: Batch): boolean {
  return spread !== undefined && places.some(({ free }) => roomFor(requests, free) > 0);
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

function openPlaces({ nodes, free }: Ground): Place[] {
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
  { volumesOf, staying, domains }: Ground,
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
    return [
      {
        ...{ pods, requests: podRequests(first), places: open },
        crowdedPlaces: accepting.length - open.length,
        isApart: areApart(first, first),
        spread: Spread.of(first, domains, staying),
      },
    ];
  });
}

function wishesOf(pod: Pod, volumesOf: VolumesOf): string {
  const { nodeSelector, affinity, tolerations } = pod.spec ?? {};
  const requests = [...podRequests(pod)];
  return JSON.stringify([
    pod.metadata?.namespace,
    requests,
    nodeSelector,
    affinity?.nodeAffinity,
    tolerations,
    affinitiesOf(pod, volumesOf),
    // Whom a pod repels, and who repels it, hangs on its labels.
    templateLabels(pod),
    affinity?.podAntiAffinity,
    spreadRules(pod),
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
function fill(batch: Batch): number {
  return batch.spread === undefined ? fillUp(batch) : fillEvenly(batch, batch.spread);
}

function fillUp({ pods, requests, places, isApart }: Batch): number {
  const most = isApart ? 1 : pods.length;
  let placed = 0;
  for (const { free } of places) {
    const here = Math.min(pods.length - placed, most, roomFor(requests, free));
    subtract(free, requests, here);
    placed += here;
  }
  return placed;
}

/** Each pod goes where fewest of its kind are: whatever else the scheduler prefers leaves less room for the next. */
function fillEvenly({ pods, requests, places, isApart }: Batch, spread: Spread): number {
  const open = new Set(places);
  for (let placed = 0; placed < pods.length; placed++) {
    const fitting = [...open].filter(({ node, free }) => roomFor(requests, free) > 0 && spread.allows(node));
    const best = leastLoaded(fitting, spread);
    if (best === undefined) return placed;
    subtract(best.free, requests, 1);
    spread.place(best.node);
    if (isApart) open.delete(best);
  }
  return pods.length;
}

function leastLoaded(places: readonly Place[], spread: Spread): Place | undefined {
  let best: Place | undefined;
  for (const place of places)
    if (best === undefined || spread.load(place.node) < spread.load(best.node)) best = place;
  return best;
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
