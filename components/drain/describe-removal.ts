// What the removal of nodes does to pods, as the lines that a preview prints. Pure.
import type { Budget, Pod } from "../kube/api.ts";
import type { DrainPolicy } from "../model/drain-policy.ts";
import { budgetKey, budgetsOfPod, disruptionsAllowed, explainHopelessBudget } from "./budgets.ts";
import { classifyPod, type PodVerdict } from "./classify.ts";
import {
  hasEmptyDir,
  isDaemonSetPod,
  isProtectedByBudgets,
  podController,
  podKey,
  podOwner,
} from "./pod-filters.ts";
import { count, listNames, reportByReason } from "./report.ts";

/** A node that leaves, and what is on it. */
export interface LeavingNode {
  readonly nodeName: string;
  readonly pods: readonly Pod[];
  readonly policy: DrainPolicy;
  readonly unreachable: boolean;
}

/** Facts of the cluster that a description of a removal rests on. */
export interface RemovalFacts {
  readonly leaving: readonly LeavingNode[];
  readonly budgets: readonly Budget[];
  /** Tells whether a DaemonSet exists; undefined when unknown. */
  readonly daemonSetExists: (namespace: string, name: string) => boolean | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

interface JudgedPod {
  readonly pod: Pod;
  readonly verdict: PodVerdict;
}

/** Describes a removal: first each node by name, then the budgets; one line per fact. */
export function describeRemoval(facts: RemovalFacts): string[] {
  const nodes = facts.leaving
    .map((node) => ({ name: node.nodeName, pods: judge(node, facts) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const held = nodes
    .flatMap((node) => node.pods)
    .filter(({ pod, verdict }) => verdict.action === "evict" && isProtectedByBudgets(pod))
    .map(({ pod }) => pod);
  return [
    ...nodes.flatMap((node) => describeNode(node.pods).map((line) => `${node.name}: ${line}`)),
    ...describeBudgets(held, facts.budgets),
  ];
}

function judge(node: LeavingNode, facts: RemovalFacts): JudgedPod[] {
  return node.pods.map((pod) => {
    const daemonSet = isDaemonSetPod(pod) ? podController(pod) : undefined;
    const daemonSetExists = daemonSet && facts.daemonSetExists(pod.metadata?.namespace ?? "", daemonSet.name);
    const { policy, unreachable } = node;
    return {
      pod,
      verdict: classifyPod(pod, { policy, daemonSetExists, nodeUnreachable: unreachable, now: facts.now }),
    };
  });
}

function describeNode(pods: readonly JudgedPod[]): string[] {
  const moving = pods.filter(({ verdict }) => verdict.action === "evict").map(({ pod }) => pod);
  const refused = pods.flatMap(({ pod, verdict }) =>
    verdict.refusals.map((reason) => ({ reason, pod: podKey(pod) })),
  );
  const waiting = pods.filter(({ verdict }) => verdict.action === "wait");
  return [
    ...describeOwners(moving.filter(podController)),
    ...reportByReason(refused).map((line) => `the drain will be refused for ${line}`),
    ...describeLoss(
      "not created again",
      moving.filter((pod) => !podController(pod)),
    ),
    ...describeLoss("emptyDir data is lost", moving.filter(hasEmptyDir)),
    ...(waiting.length > 0 ? [`${count(waiting.length, "pod")} already terminating`] : []),
    ...(pods.some(({ verdict }) => ["evict", "refuse", "wait"].includes(verdict.action))
      ? []
      : ["no pods move"]),
  ];
}

function describeOwners(pods: readonly Pod[]): string[] {
  if (pods.length === 0) return [];
  const owners = Map.groupBy(pods, (pod) => `${pod.metadata?.namespace}/${podOwner(pod)}`);
  const parts = [...owners].map(([owner, group]) => `${owner} ${group.length}`).sort();
  return [`${count(pods.length, "pod")} ${pods.length === 1 ? "moves" : "move"}: ${parts.join(", ")}`];
}

function describeLoss(what: string, pods: readonly Pod[]): string[] {
  return pods.length > 0 ? [`${what}: ${listNames(pods.map(podKey))}`] : [];
}

function describeBudgets(pods: readonly Pod[], budgets: readonly Budget[]): string[] {
  const held = pods.map((pod) => ({ pod, holders: budgetsOfPod(pod, budgets) }));
  const ambiguous = held
    .filter(({ holders }) => holders.length > 1)
    .map(({ pod, holders }) => {
      const names = holders.map(budgetKey).sort().join(", ");
      return { reason: `no eviction is possible while several budgets (${names}) select`, pod: podKey(pod) };
    });
  const single = held.filter(({ holders }) => holders.length === 1);
  const lines = budgets.flatMap((budget) => {
    const concerned = single.filter(({ holders }) => holders[0] === budget).map(({ pod }) => pod);
    return concerned.length > 0 ? [describeBudget(budget, concerned)] : [];
  });
  return [...lines.sort(), ...reportByReason(ambiguous)];
}

function describeBudget(budget: Budget, pods: readonly Pod[]): string {
  const name = `budget ${budgetKey(budget)}`;
  const hopeless = explainHopelessBudget(budget);
  if (hopeless) return `${name} can never allow an eviction, ${hopeless}: ${listNames(pods.map(podKey))}`;
  const now = Math.min(disruptionsAllowed(budget), pods.length);
  return `${name} allows ${now} of ${count(pods.length, "eviction")} now${now < pods.length ? ", the rest waits" : ""}`;
}
