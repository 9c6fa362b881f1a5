// How pods are told to people: grouped by reason, few names, stable order. Pure.

/** Says one thing about one pod. */
export interface PodRemark {
  readonly reason: string;
  /** `namespace/name`. */
  readonly pod: string;
}

const namesShown = 3;
const reasonsShown = 5;

/** Counts things in words: `1 pod`, `2 pods`. */
export function count(n: number, thing: string): string {
  return `${n} ${thing}${n === 1 ? "" : "s"}`;
}

/** Lists the first three names in order and counts the rest: `a, b, c and 2 more`. */
export function listNames(names: readonly string[]): string {
  const sorted = [...new Set(names)].sort();
  const rest = sorted.length - namesShown;
  const shown = sorted.slice(0, namesShown).join(", ");
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

/** Groups remarks by reason in alphabetical order, one line each; from the sixth reason on, pods are only counted. */
export function reportByReason(remarks: readonly PodRemark[]): string[] {
  const groups = [...Map.groupBy(remarks, (remark) => remark.reason)].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = groups
    .slice(0, reasonsShown)
    .map(([reason, group]) => `${reason}: ${listNames(group.map((remark) => remark.pod))}`);
  const others = new Set(
    groups.slice(reasonsShown).flatMap(([, group]) => group.map((remark) => remark.pod)),
  );
  return others.size > 0 ? [...lines, `${count(others.size, "pod")} for other reasons`] : lines;
}
