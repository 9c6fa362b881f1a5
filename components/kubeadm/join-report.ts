// What join.sh said of a join that Pulumi took for a good one. Pure.
import { lastLines, nextLine, oneLine } from "../model/foreign-text.ts";
import { readReply } from "../ssh/program.ts";

/** Holds what a membership has to know of the join before it; nothing for a join without a word. */
export interface JoinReport {
  /** What kubeadm warned of. */
  readonly joinWarnings?: readonly string[];
  /** What was said instead of "joined": the exit status alone proves nothing. */
  readonly joinDoubt?: string;
}

/** Reads the output of the join, of older programs as well. */
export function readJoinReport(output: string): JoinReport {
  const { stdout, before } = readReply(output);
  const lines = (stdout || before).split("\n");
  if (!lines.some((line) => line === "joined" || line === "this host is joined already"))
    return { joinDoubt: lastLines(output, 12).join(nextLine) || "(nothing)" };
  const warnings = lines.flatMap((line) => (line.startsWith("warning: ") ? oneLine(line.slice(9)) : []));
  return warnings.length === 0 ? {} : { joinWarnings: warnings };
}
