// Pods that must not share a node with others: required anti-affinity by hostname. Pure.
// Rules by other topology keys and pod affinity are not looked at; whose they are is told.
import type { Pod } from "../../kube/api.ts";
import { matchesSelector } from "../budgets.ts";

const hostname = "kubernetes.io/hostname";

function requiredTerms({ spec }: Pod) {
  return spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

type Term = ReturnType<typeof requiredTerms>[number];

function isLookedAt({ topologyKey, namespaceSelector }: Term): boolean {
  return topologyKey === hostname && namespaceSelector === undefined;
}

/** Tells whether the pod says of others that they must not be on its node. */
export function saysApart(pod: Pod): boolean {
  return requiredTerms(pod).some(isLookedAt);
}

/** Returns the labels that all pods of one template have: a StatefulSet numbers its pods by others. */
export function templateLabels({ metadata }: Pod): Readonly<Record<string, string>> {
  const {
    "statefulset.kubernetes.io/pod-name": _name,
    "apps.kubernetes.io/pod-index": _index,
    ...shared
  } = metadata?.labels ?? {};
  return shared;
}

/** Tells whether two pods must not be on one node, whichever of them says so. */
export function areApart(one: Pod, other: Pod): boolean {
  return repels(one, other) || repels(other, one);
}

function repels(pod: Pod, other: Pod): boolean {
  const { namespace = "" } = pod.metadata ?? {};
  return requiredTerms(pod).some((term) => {
    const namespaces = term.namespaces?.length ? term.namespaces : [namespace];
    const isSeen = isLookedAt(term) && namespaces.includes(other.metadata?.namespace ?? "");
    return isSeen && matchesSelector(term.labelSelector, other.metadata?.labels ?? {});
  });
}

/** Tells whether the pod has rules about other pods that are not looked at. */
export function hasOtherRules(pod: Pod): boolean {
  const towards = pod.spec?.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return towards.length > 0 || requiredTerms(pod).some((term) => !isLookedAt(term));
}
