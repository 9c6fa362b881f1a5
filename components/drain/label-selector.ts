// Whether a label selector of the API selects a set of labels. Pure.
import type { LabelSelector } from "../kube/api.ts";
import { type Requirement, type Selector, selects } from "../model/selector.ts";

const operators: readonly Requirement["operator"][] = ["In", "NotIn", "Exists", "DoesNotExist"];
const read = new WeakMap<LabelSelector, Selector>();

/** Tells whether a selector selects these labels; an empty one selects all, an absent one none. */
export function matchesSelector(
  selector: LabelSelector | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (!selector) return false;
  const requirements = read.get(selector) ?? readSelector(selector);
  read.set(selector, requirements);
  return selects(requirements, labels);
}

/** Throws on an operator that Kubernetes does not know: a wrong guess would hide a budget. */
function readSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): Selector {
  const pairs = Object.entries(matchLabels).map(([key, value]) => ({
    key,
    operator: "In" as const,
    values: [value],
  }));
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    const known = operators.find((candidate) => candidate === operator);
    if (known !== undefined) return { key, operator: known, values };
    throw new Error(`reading label selector: unknown operator "${operator}" for key "${key}".`);
  });
  return [...pairs, ...expressions];
}
