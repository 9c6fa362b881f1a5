// Marks on Nodes as this version writes them; unit/model/node-marks pins how they look.
import { type MarkEdits, planMarks } from "../../components/model/node-marks.ts";

/** Returns the labels of these marks. */
export function markLabels(marks: MarkEdits): Record<string, string> {
  return { ...planMarks({}, marks).labels } as Record<string, string>;
}

/** Key of a guarded mark. */
export const guarded = (name: string): string => `nodepools.local.node-restriction.kubernetes.io/${name}`;
