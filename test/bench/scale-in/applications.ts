// What runs on the nodes: 60 pods of 12 owners, some with a budget and some without, as in many clusters. Pure.
import type { Application } from "../../support/traffic.ts";

function some(count: number, kind: string, others: Omit<Application, "name">): readonly Application[] {
  return Array.from({ length: count }, (_, at) => ({ name: `${kind}-${at + 1}`, ...others }));
}

/** All applications. */
export const applications: readonly Application[] = [
  ...some(6, "guarded", { replicas: 6, hasBudget: true }),
  ...some(4, "bare", { replicas: 5, hasBudget: false }),
  ...some(2, "small", { replicas: 2, hasBudget: false }),
];
