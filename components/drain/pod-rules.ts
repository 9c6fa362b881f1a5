// What a pod's own label, the rules of the policy and its importance say about its drain; and who goes first. Pure.
// Precedence: Cluster API's MachineDrainRule; order of the critical pods: Karpenter's terminator.
import type { Pod } from "../kube/api.ts";
import type { DrainAction, DrainPolicy, DrainRule } from "../model/drain-policy.ts";
import { podDrainLabel } from "../model/owner.ts";
import { parseSelector, type Selector, selects } from "../model/selector.ts";
import { isDaemonSetPod } from "./pod-filters.ts";

/** What is to be done with a pod, when, and who says so. */
export interface PodRule {
  readonly action: DrainAction;
  /** Place in the order of the drain: pods of a lower rank are gone before the next are evicted. */
  readonly rank: Rank;
  /** `rule "x"`, the pod's label or its annotation; undefined when nothing special applies. */
  readonly saidBy?: string;
  /** Said by the pod's label or annotation, which its owner writes, and not by the declaration. */
  readonly isByLabel?: true;
}

/** Declared order first, then tier. */
export interface Rank {
  readonly order: number;
  /** 0 ordinary, 1 of a DaemonSet, 2 critical to the cluster or node, 3 both. */
  readonly tier: number;
}

// Value of system-cluster-critical; system-node-critical is above it (kubernetes pkg/apis/scheduling/types.go).
const criticalPriority = 2_000_000_000;

/** Compares two ranks as Array.sort wants it. */
export function compareRanks(one: Rank, other: Rank): number {
  return one.order - other.order || one.tier - other.tier;
}

interface Ranked {
  readonly verdict: { readonly rank: Rank };
}

/**
 * Returns the pods whose turn it is: those of the lowest rank that is still there.
 * Source of the rule: Cluster API's MachineDrainRule order.
 */
export function currentGroup<Pods extends Ranked>(pods: readonly Pods[]): Pods[] {
  const [first] = pods.toSorted((one, other) => compareRanks(one.verdict.rank, other.verdict.rank));
  return first === undefined
    ? []
    : pods.filter(({ verdict }) => compareRanks(verdict.rank, first.verdict.rank) === 0);
}

const tiers = [
  "ordinary pods",
  "pods of DaemonSets",
  "critical pods (system-*)",
  "critical pods of DaemonSets",
];

/** Says which pods go before those of a later rank: by the declared order, or else by kind. */
export function describeGroup({ order, tier }: Rank, later: Rank): string {
  return order === later.order
    ? `waits for ${tiers[tier]}`
    : `waits for pods of order ${order} (drain.rules)`;
}

/**
 * Returns the rule for a pod: what its label says (in any letter case; unknown values say nothing) where the policy
 * honours it, else the first rule by name that selects it, else what its annotations ask where the policy honours these,
 * else an ordinary drain.
 */
export function ruleOf(
  pod: Pod,
  policy: DrainPolicy,
  namespaceLabels: Readonly<Record<string, string>>,
): PodRule {
  const tier = tierOf(pod);
  const byLabel = policy.podLabels === "ignore" ? undefined : actionOfLabel(pod);
  if (byLabel) {
    const saidBy = `label ${podDrainLabel}`;
    return { action: byLabel, rank: { order: 0, tier }, saidBy, isByLabel: true };
  }
  const rule = findRule(pod, policy, namespaceLabels);
  if (!rule) return withoutRule(pod, policy, { order: 0, tier });
  const { action, order = 0, name } = rule;
  return { action, rank: { order, tier }, saidBy: `rule "${name}"` };
}

function withoutRule(pod: Pod, policy: DrainPolicy, rank: Rank): PodRule {
  const [asked] = policy.podAnnotations === "honour" ? requestsToStay(pod) : [];
  if (asked === undefined) return { action: "drain", rank };
  return { action: "waitCompleted", rank, saidBy: `annotation ${asked}`, isByLabel: true };
}

// With these the autoscalers leave a pod alone; the last is Karpenter's former spelling.
const requests = [
  ["cluster-autoscaler.kubernetes.io/safe-to-evict", "false"],
  ["karpenter.sh/do-not-disrupt", "true"],
  ["karpenter.sh/do-not-evict", "true"],
] as const;

/** Returns the annotations by which a pod asks autoscalers to leave it, each as `key: "value"`. */
export function requestsToStay({ metadata }: Pod): string[] {
  const asked = requests.filter(([key, value]) => metadata?.annotations?.[key] === value);
  return asked.map(([key, value]) => `${key}: "${value}"`);
}

function tierOf(pod: Pod): number {
  const isCritical = (pod.spec?.priority ?? 0) >= criticalPriority;
  return (isDaemonSetPod(pod) ? 1 : 0) + (isCritical ? 2 : 0);
}

/** Returns what a pod asks for by its label, whether or not that is honoured. */
export function actionOfLabel(pod: Pod): DrainAction | undefined {
  switch (pod.metadata?.labels?.[podDrainLabel]?.toLowerCase()) {
    case "skip":
      return "skip";
    case "wait-completed":
      return "waitCompleted";
    default:
      return undefined;
  }
}

function findRule(
  pod: Pod,
  policy: DrainPolicy,
  namespaceLabels: Readonly<Record<string, string>>,
): DrainRule | undefined {
  const labels = pod.metadata?.labels ?? {};
  return compile(policy).rules.find(
    ({ pods, namespaces }) => selects(pods, labels) && selects(namespaces, namespaceLabels),
  )?.rule;
}

/** Tells whether the policy's podSelector leaves the pod out. */
export function isLeftOut(pod: Pod, policy: DrainPolicy): boolean {
  return !selects(compile(policy).podSelector, pod.metadata?.labels ?? {});
}

/** A policy whose selectors are parsed once for all pods, and whose rules are in the order of their names. */
interface CompiledPolicy {
  readonly podSelector: Selector;
  readonly rules: readonly { rule: DrainRule; pods: Selector; namespaces: Selector }[];
}

const compiledPolicies = new WeakMap<DrainPolicy, CompiledPolicy>();

function compile(policy: DrainPolicy): CompiledPolicy {
  const known = compiledPolicies.get(policy);
  if (known !== undefined) return known;
  const rules = (policy.rules ?? [])
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map((rule) => ({
      rule,
      pods: parseSelector(rule.pods ?? ""),
      namespaces: parseSelector(rule.namespaces ?? ""),
    }));
  const compiled = { podSelector: parseSelector(policy.podSelector ?? ""), rules };
  compiledPolicies.set(policy, compiled);
  return compiled;
}
