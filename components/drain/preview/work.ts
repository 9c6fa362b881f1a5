// Work that an eviction ends, pods that ask to be left alone or take long to end, and drains that wait for their pool. Pure.
import type { Pod } from "../../kube/api.ts";
import { durations } from "../../model/durations.ts";
import { isWork, podKey } from "../pod-filters.ts";
import { requestsToStay } from "../pod-rules.ts";
import { countByOwner, type DisruptionFact, type FactOf } from "./facts.ts";
import { type JudgedPod, moves, type Scene } from "./scene.ts";

/** Tells whose work is lost, whether the program's own is, which evicted pods ask to stay, and which may end too late. */
export function describeWork({ runner }: Scene, judged: readonly JudgedPod[]): DisruptionFact[] {
  const evicted = judged.filter((one) => moves(one) && one.node.disruption !== "lost");
  const working = evicted.map(({ pod }) => pod).filter(isWork);
  return [
    ...(working.length > 0
      ? [{ kind: "work-lost", severity: "warning", owners: countByOwner(working) } as const]
      : []),
    ...evicted
      .filter(({ pod }) => runner !== undefined && pod.metadata?.uid === runner)
      .map(({ pod }) => ({ kind: "runner-ends", severity: "warning", pods: [podKey(pod)] }) as const),
    ...describeRequests(evicted.map(({ pod }) => pod)),
    ...describeLongGraces(evicted),
  ];
}

function describeRequests(pods: readonly Pod[]): FactOf<"asks-to-stay">[] {
  const asking = pods.flatMap((pod) => requestsToStay(pod).map((annotation) => ({ annotation, pod })));
  return [...Map.groupBy(asking, ({ annotation }) => annotation)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([annotation, group]) => {
      const names = group.map(({ pod }) => podKey(pod)).sort();
      return { kind: "asks-to-stay", severity: "warning", annotation, pods: names };
    });
}

/** Where pods are deleted in the end, their grace is cut to what is left. */
function describeLongGraces(evicted: readonly JudgedPod[]): FactOf<"grace-exceeds-timeout">[] {
  const long = evicted.filter(({ pod, node: { policy } }) => {
    const { terminationGracePeriodSeconds: own = durations.drain.defaultGrace } = pod.spec ?? {};
    const grace = policy.gracePeriodSeconds ?? own;
    // A drain that may not even take the default's time is meant so.
    const limit = Math.max(policy.timeoutSeconds, durations.drain.defaultGrace);
    return policy.onTimeout !== "deletePods" && grace > limit;
  });
  return [...Map.groupBy(long, ({ node }) => node.policy.timeoutSeconds)]
    .sort(([one], [other]) => one - other)
    .map(([seconds, group]) => ({
      ...({ kind: "grace-exceeds-timeout", severity: "warning" } as const),
      ...{ seconds, pods: group.map(({ pod }) => podKey(pod)).sort() },
    }));
}

/** Tells which drains wait until nodes of their pool are back that are down for other reasons. */
export function describePace({ disrupted, down = new Map() }: Scene): FactOf<"waits-for-pool">[] {
  const byPool = Map.groupBy(
    disrupted.filter(({ disruption }) => disruption !== "lost"),
    ({ pool }) => pool,
  );
  return [...byPool]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([pool, nodes]) => {
      const names = down.get(pool) ?? [];
      const maxUnavailable = nodes[0]?.maxUnavailable ?? 1;
      // A node that is down itself is drained at once.
      const waiting = nodes.map(({ nodeName }) => nodeName).filter((name) => !names.includes(name));
      if (names.length < maxUnavailable || waiting.length === 0) return [];
      const fact = { kind: "waits-for-pool", severity: "warning", pool, maxUnavailable } as const;
      return [{ ...fact, down: names.toSorted(), nodes: waiting.sort() }];
    });
}
