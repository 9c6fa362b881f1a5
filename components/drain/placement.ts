// Whether a node would take a pod: taints, nodeSelector, required node affinity. Pure.
// Source of the rules: kubernetes component-helpers scheduling/corev1/nodeaffinity and v1/helper toleration.
import type { Node, Pod } from "../kube/api.ts";
import { isReady } from "../kube/node-ready.ts";
import { labelValue, meetsOperator } from "../model/selector.ts";
import { tolerates } from "./pod-filters.ts";

type Affinity = NonNullable<NonNullable<NonNullable<Pod["spec"]>["affinity"]>["nodeAffinity"]>;

/** Terms of which one has to hold. */
export type NodeSelector = NonNullable<Affinity["requiredDuringSchedulingIgnoredDuringExecution"]>;

type Term = NodeSelector["nodeSelectorTerms"][number];
type Requirement = NonNullable<Term["matchExpressions"]>[number];

/** Tells whether new pods may be placed on the node at all. */
export function takesPods(node: Node): boolean {
  return isReady(node) && node.spec?.unschedulable !== true;
}

/**
 * Tells whether a node accepts a pod, its size apart:
 * - the pod tolerates the node's taints of effect NoSchedule and NoExecute
 * - the node has all labels of nodeSelector
 * - the node meets a term of the required node affinity.
 */
export function accepts(node: Node, pod: Pod): boolean {
  const labels = node.metadata?.labels ?? {};
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return (
    (node.spec?.taints ?? []).every(
      (taint) => taint.effect === "PreferNoSchedule" || tolerates(pod, taint),
    ) &&
    Object.entries(pod.spec?.nodeSelector ?? {}).every(([key, value]) => labelValue(labels, key) === value) &&
    isSelected(node, required)
  );
}

/** Tells whether a node meets at least one term; an absent selector selects all nodes, an empty term none. */
export function isSelected(node: Node, selector: NodeSelector | undefined): boolean {
  return selector?.nodeSelectorTerms.some((term) => meetsTerm(node, term)) ?? true;
}

function meetsTerm(node: Node, { matchExpressions = [], matchFields = [] }: Term): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const fields: Readonly<Record<string, string | undefined>> = { "metadata.name": node.metadata?.name };
  return (
    matchExpressions.every((requirement) =>
      meets(labelValue(node.metadata?.labels, requirement.key), requirement),
    ) && matchFields.every((requirement) => meets(fields[requirement.key], requirement))
  );
}

/** The scheduler places no pod by an operator that it does not know, so neither does this. */
function meets(value: string | undefined, { operator, values = [] }: Requirement): boolean {
  if (operator === "Gt") return readInteger(value) > readInteger(values[0]);
  if (operator === "Lt") return readInteger(value) < readInteger(values[0]);
  return meetsOperator(value, operator, values);
}

/** Returns NaN, which is neither greater nor less than any number, for what is no integer. */
function readInteger(text: string | undefined): number {
  return /^[+-]?\d+$/.test(text ?? "") ? Number(text) : Number.NaN;
}
