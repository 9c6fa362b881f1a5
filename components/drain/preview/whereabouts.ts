// What becomes of each pod of the nodes that leave or are drained: moved, ended, waited for, refused or left behind. Pure.
import type { Pod } from "../../kube/api.ts";
import type { Disruption } from "../../model/disruption.ts";
import { isDaemonSetPod, isFinished, isMirrorPod, ownerKey, podController, podKey } from "../pod-filters.ts";
import { actionOfLabel } from "../pod-rules.ts";
import { countByOwner, type DisruptionFact, isDeployment } from "./facts.ts";
import { type DisruptedNode, isEvicted, isRestarted, type JudgedPod, moves, type Scene } from "./scene.ts";

/** Tells which nodes leave or are drained, and what becomes of their pods. */
export function describeWhereabouts(scene: Scene, judged: readonly JudgedPod[]): DisruptionFact[] {
  if (scene.disrupted.length === 0) return [];
  return [
    ...describeNodes(scene.disrupted),
    ...describeUnreachable(scene),
    ...describeMoves(judged),
    ...describeAwaited(judged),
    ...describeCutWaits(judged),
    ...describeIgnoredLabels(judged),
    ...describeRefused(judged),
    ...describeLeftBehind(judged),
    ...describeDown(scene.pods, judged),
  ];
}

/** Tells what is to happen to the nodes themselves. */
export function describeNodes(
  nodes: readonly Pick<DisruptedNode, "nodeName" | "disruption" | "attachedVolumes">[],
): DisruptionFact[] {
  const named = (disruption: Disruption) =>
    sortedNames(nodes.flatMap((node) => (node.disruption === disruption ? [node.nodeName] : [])));
  const [leaving, lost] = [named("leaves"), named("lost")];
  const attachedVolumes = nodes
    .filter(({ disruption }) => disruption === "lost")
    .reduce((sum, node) => sum + node.attachedVolumes, 0);
  const drained = (["maintenance", "reboot", "rejoin"] as const)
    .map((purpose) => ({ kind: "drained", severity: "info", purpose, nodes: named(purpose) }) as const)
    .filter((fact) => fact.nodes.length > 0);
  return [
    ...(leaving.length > 0 ? [{ kind: "leaving", severity: "info", nodes: leaving } as const] : []),
    ...(lost.length > 0
      ? [{ kind: "lost", severity: "warning", nodes: lost, attachedVolumes } as const]
      : []),
    ...drained,
  ];
}

function sortedNames(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

function describeUnreachable({ disrupted }: Scene): DisruptionFact[] {
  const silent = disrupted.filter(({ disruption, unreachable }) => unreachable && disruption !== "lost");
  if (silent.length === 0) return [];
  const nodes = sortedNames(silent.map(({ nodeName }) => nodeName));
  const attachedVolumes = silent.reduce((sum, node) => sum + node.attachedVolumes, 0);
  return [{ kind: "unreachable", severity: "warning", nodes, attachedVolumes }];
}

function describeMoves(judged: readonly JudgedPod[]): DisruptionFact[] {
  const evicted = judged.filter(isEvicted).map(({ pod }) => pod);
  const finished = podNames(evicted.filter(isFinished));
  const daemons = podNames(evicted.filter((pod) => isDaemonSetPod(pod) && !isFinished(pod)));
  const moving = judged.filter(moves).map(({ pod }) => pod);
  const bare = podNames(moving.filter((pod) => !podController(pod)));
  const owners = countByOwner(moving.filter(podController));
  return [
    { kind: "moves", severity: "info", owners },
    ...(finished.length > 0 ? [{ kind: "finished", severity: "info", pods: finished } as const] : []),
    ...(daemons.length > 0 ? [{ kind: "daemons-end", severity: "info", pods: daemons } as const] : []),
    ...(bare.length > 0 ? [{ kind: "not-created-again", severity: "warning", pods: bare } as const] : []),
  ];
}

function podNames(pods: readonly Pod[]): string[] {
  return pods.map(podKey).sort();
}

function describeAwaited(judged: readonly JudgedPod[]): DisruptionFact[] {
  const waiting = judged.filter(({ verdict }) => verdict.action === "wait");
  return groupByReason(waiting, ({ verdict }) => (verdict.action === "wait" ? [verdict.awaited] : [])).map(
    ([reason, group]) => ({
      kind: "awaited",
      severity: "info",
      reason,
      pods: podNames(group.map(({ pod }) => pod)),
    }),
  );
}

/** Pods whose labels ask to wait, and that are deleted at the limit all the same. */
function describeCutWaits(judged: readonly JudgedPod[]): DisruptionFact[] {
  const cut = judged.filter(({ verdict }) => verdict.action === "wait" && verdict.lossesIfDeleted);
  return [...Map.groupBy(cut, ({ node }) => node.policy.timeoutSeconds)]
    .sort(([one], [other]) => one - other)
    .map(([afterSeconds, group]) => ({
      kind: "waits-cut",
      severity: "warning",
      afterSeconds,
      pods: podNames(group.map(({ pod }) => pod)),
    }));
}

function describeIgnoredLabels(judged: readonly JudgedPod[]): DisruptionFact[] {
  const asking = judged.filter(
    ({ pod, node }) =>
      node.disruption !== "lost" && node.policy.podLabels === "ignore" && actionOfLabel(pod) !== undefined,
  );
  const pods = podNames(asking.map(({ pod }) => pod));
  return pods.length > 0 ? [{ kind: "labels-ignored", severity: "info", pods }] : [];
}

function describeRefused(judged: readonly JudgedPod[]): DisruptionFact[] {
  return groupByReason(judged, ({ verdict }) => (verdict.action === "refuse" ? verdict.refusals : [])).map(
    ([reason, group]) => ({
      kind: "refused",
      severity: "warning",
      reason,
      nodes: sortedNames(group.map(({ node }) => node.nodeName)),
      pods: podNames(group.map(({ pod }) => pod)),
    }),
  );
}

/** Running pods that the drain leaves alone; those of DaemonSets and of the host itself belong to their node. */
function describeLeftBehind(judged: readonly JudgedPod[]): DisruptionFact[] {
  const left = judged.filter(
    ({ pod, verdict }) =>
      verdict.action === "ignore" && !isFinished(pod) && !isDaemonSetPod(pod) && !isMirrorPod(pod),
  );
  return groupByReason(left, ({ verdict }) =>
    verdict.action === "ignore" && verdict.reason ? [verdict.reason] : [],
  ).flatMap(([reason, group]): DisruptionFact[] => {
    const [ending, staying] = [group.filter(endsWithHost), group.filter((one) => !endsWithHost(one))];
    const tell = (some: readonly JudgedPod[]) => ({ reason, pods: podNames(some.map(({ pod }) => pod)) });
    return [
      ...(ending.length > 0 ? [{ kind: "not-drained", severity: "warning", ...tell(ending) } as const] : []),
      ...(staying.length > 0
        ? [{ kind: "not-drained-stays", severity: "info", ...tell(staying) } as const]
        : []),
    ];
  });
}

function endsWithHost({ node }: JudgedPod): boolean {
  return node.disruption === "leaves" || node.disruption === "rejoin";
}

function groupByReason(
  judged: readonly JudgedPod[],
  reasonsOf: (judged: JudgedPod) => readonly string[],
): [string, JudgedPod[]][] {
  const pairs = judged.flatMap((one) => reasonsOf(one).map((reason) => ({ reason, one })));
  const groups = [...Map.groupBy(pairs, ({ reason }) => reason)];
  return groups
    .map(([reason, group]): [string, JudgedPod[]] => [reason, group.map(({ one }) => one)])
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

/** An owner's only pod is nowhere while it moves, unless a rollout starts another one first. */
function describeDown(pods: readonly Pod[], judged: readonly JudgedPod[]): DisruptionFact[] {
  const moving = judged
    .filter((one) => moves(one) && !isRestarted(one) && podController(one.pod))
    .map(({ pod }) => ownerKey(pod));
  const running = new Map<string, number>();
  for (const pod of pods.filter((one) => !isFinished(one)))
    running.set(ownerKey(pod), (running.get(ownerKey(pod)) ?? 0) + 1);
  const owners = moving.filter((owner) => running.get(owner) === 1).sort();
  const restartable = owners.filter(isDeployment);
  return owners.length > 0 ? [{ kind: "down", severity: "warning", owners, restartable }] : [];
}
