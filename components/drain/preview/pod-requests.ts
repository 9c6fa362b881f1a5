// What a pod asks of its node, as the scheduler counts it: kubernetes component-helpers resource/helpers.go PodRequests. Pure.
import type { Pod } from "../../kube/api.ts";
import { readAmount } from "../../model/quantity.ts";

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
