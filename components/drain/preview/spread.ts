// Pods that must be spread evenly: topology spread constraints that say DoNotSchedule, by any key. Pure.
// Source of the rules: kubernetes pkg/scheduler/framework/plugins/podtopologyspread (filtering.go, common.go).
// Pods of other templates that move in the same change are not counted.
import type { LabelSelector, Node, Pod } from "../../kube/api.ts";
import { matchesSelector } from "../budgets.ts";
import { isSelected } from "../placement.ts";
import { tolerates } from "../pod-filters.ts";

type Rule = NonNullable<NonNullable<Pod["spec"]>["topologySpreadConstraints"]>[number];

/** The nodes over which pods are spread. */
export interface Domains {
  readonly nodes: readonly Node[];
  /** Names of those that are cordoned when the pods look for their places. */
  readonly cordoned: ReadonlySet<string>;
}

const cordonTaint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

/** Returns the constraints that keep a pod from running. */
export function spreadRules({ spec }: Pod): readonly Rule[] {
  const rules = spec?.topologySpreadConstraints ?? [];
  return rules.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === "DoNotSchedule");
}

/** One constraint with what its domains hold. */
interface Tally {
  readonly rule: Rule;
  /** Whether the pods that are placed count themselves. */
  readonly countsItself: boolean;
  /** Pods by domain: by the value of the constraint's key. */
  readonly pods: Map<string, number>;
}

/** Counts where the pods of one template are, and says where one more may go. */
export class Spread {
  readonly #tallies: readonly Tally[];

  private constructor(tallies: readonly Tally[]) {
    this.#tallies = tallies;
  }

  /** Counts for a pod; undefined when it need not be spread. */
  static of(pod: Pod, domains: Domains, staying: readonly Pod[]): Spread | undefined {
    const rules = spreadRules(pod);
    if (rules.length === 0) return undefined;
    // The scheduler looks only at nodes that have the keys of all constraints.
    const keyed = domains.nodes.filter((node) =>
      rules.every(({ topologyKey }) => domainOf(node, topologyKey) !== undefined),
    );
    return new Spread(rules.map((rule) => tally(rule, pod, { ...domains, nodes: keyed }, staying)));
  }

  /** Tells whether one more pod may go to a node. */
  allows(node: Node): boolean {
    return this.#tallies.every(({ rule, countsItself, pods }) => {
      const domain = domainOf(node, rule.topologyKey);
      if (domain === undefined) return false;
      const here = (pods.get(domain) ?? 0) + (countsItself ? 1 : 0);
      return here - fewest(pods, rule.minDomains) <= rule.maxSkew;
    });
  }

  /** Returns how full the node's domains are. */
  load(node: Node): number {
    const loads = this.#tallies.map(
      ({ rule, pods }) => pods.get(domainOf(node, rule.topologyKey) ?? "") ?? 0,
    );
    return loads.reduce((sum, load) => sum + load, 0);
  }

  /** Puts a pod on a node. */
  place(node: Node): void {
    for (const { rule, countsItself, pods } of this.#tallies) {
      const domain = domainOf(node, rule.topologyKey);
      if (countsItself && domain !== undefined && pods.has(domain))
        pods.set(domain, (pods.get(domain) ?? 0) + 1);
    }
  }
}

/** Fewer domains than the constraint wants count as one more that is empty. */
function fewest(pods: ReadonlyMap<string, number>, minDomains = 1): number {
  return pods.size < minDomains ? 0 : Math.min(...pods.values());
}

function domainOf({ metadata }: Node, key: string): string | undefined {
  return metadata?.labels?.[key];
}

function tally(rule: Rule, pod: Pod, domains: Domains, staying: readonly Pod[]): Tally {
  const counted = domains.nodes.filter((node) => isCounted(node, rule, pod, domains.cordoned));
  const domainByNode = new Map(
    counted.map((node) => [node.metadata?.name ?? "", domainOf(node, rule.topologyKey) ?? ""]),
  );
  const pods = new Map([...domainByNode.values()].map((domain) => [domain, 0]));
  const selector = selectorOf(rule, pod);
  for (const other of staying) {
    const domain = domainByNode.get(other.spec?.nodeName ?? "");
    if (domain !== undefined && isOfKind(other, pod, selector)) pods.set(domain, (pods.get(domain) ?? 0) + 1);
  }
  return { rule, countsItself: matchesSelector(selector, pod.metadata?.labels ?? {}), pods };
}

function isOfKind(other: Pod, { metadata }: Pod, selector: LabelSelector | undefined): boolean {
  return (
    other.metadata?.namespace === metadata?.namespace &&
    matchesSelector(selector, other.metadata?.labels ?? {})
  );
}

/** Keys to match, such as `pod-template-hash`, are selected by the pod's own values. */
function selectorOf(
  { labelSelector, matchLabelKeys = [] }: Rule,
  { metadata }: Pod,
): LabelSelector | undefined {
  if (labelSelector === undefined || matchLabelKeys.length === 0) return labelSelector;
  const own = matchLabelKeys.flatMap((key) => {
    const value = metadata?.labels?.[key];
    return value === undefined ? [] : [{ key, operator: "In", values: [value] }];
  });
  return { ...labelSelector, matchExpressions: [...(labelSelector.matchExpressions ?? []), ...own] };
}

/** A cordoned node counts, with no pod on it, unless the constraint honours taints: its pods wait until it is deleted. */
function isCounted(
  node: Node,
  { nodeAffinityPolicy, nodeTaintsPolicy }: Rule,
  pod: Pod,
  cordoned: ReadonlySet<string>,
): boolean {
  const { nodeSelector = {}, affinity } = pod.spec ?? {};
  const isWanted =
    Object.entries(nodeSelector).every(([key, value]) => node.metadata?.labels?.[key] === value) &&
    isSelected(node, affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution);
  if (nodeAffinityPolicy !== "Ignore" && !isWanted) return false;
  if (nodeTaintsPolicy !== "Honor") return true;
  const isCordoned = node.spec?.unschedulable === true || cordoned.has(node.metadata?.name ?? "");
  const taints = [...(node.spec?.taints ?? []), ...(isCordoned ? [cordonTaint] : [])];
  return taints.every((taint) => taint.effect === "PreferNoSchedule" || tolerates(pod, taint));
}
