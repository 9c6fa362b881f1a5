// Clusters to play a drain in: one whose w1 has given pods, and one whose budget lets none of them go.
import type { EvictionAnswer, Pod } from "../../../components/kube/api.ts";
import { PlayedCluster } from "./played-cluster.ts";
import { budget, type PodTraits } from "./pods.ts";

/** A pod that serves. */
export const ready: PodTraits = { ready: true };
const exhausted = { currentHealthy: 3, desiredHealthy: 3, expectedPods: 4, disruptionsAllowed: 0 };
/** What the server answers when a budget allows nothing. */
export const refusal: EvictionAnswer = {
  kind: "blocked",
  budgets: [{ text: "The disruption budget web needs 3 healthy pods and has 3 currently" }],
};

/** Plays a cluster whose w1 has these pods. */
export function clusterWith(...pods: Pod[]): PlayedCluster {
  const cluster = new PlayedCluster();
  cluster.pods = pods;
  return cluster;
}

/** The same with a budget that lets none of the pods go. */
export function blockedCluster(...pods: Pod[]): PlayedCluster {
  const cluster = clusterWith(...pods);
  cluster.budgets = [budget("web", { minAvailable: 3 }, exhausted)];
  cluster.onEviction = () => refusal;
  return cluster;
}

/** A Node that takes no pods. */
export const cordoned = { spec: { unschedulable: true } };
