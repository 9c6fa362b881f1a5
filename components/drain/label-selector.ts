// Whether a Kubernetes label selector selects a set of labels. Pure.
import type { LabelSelector } from "../kube/api.ts";

type Requirement = NonNullable<LabelSelector["matchExpressions"]>[number];

/** Tells whether a selector selects these labels; an empty one selects all, an absent one none. */
export function matchesSelector(
  selector: LabelSelector | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (!selector) return false;
  const pairs = Object.entries(selector.matchLabels ?? {});
  return (
    pairs.every(([key, value]) => labels[key] === value) &&
    (selector.matchExpressions ?? []).every((requirement) => meets(requirement, labels))
  );
}

/** Throws on an operator that Kubernetes does not know: a wrong guess would hide a budget. */
function meets(requirement: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[requirement.key];
  const listed = value !== undefined && (requirement.values ?? []).includes(value);
  switch (requirement.operator) {
    case "In":
      return listed;
    case "NotIn":
      return !listed;
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      throw new Error(
        `reading label selector: unknown operator "${requirement.operator}" for key "${requirement.key}".`,
      );
  }
}
