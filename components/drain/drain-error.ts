// The one error of a drain that cannot go on or did not end in time.
import { type PodRemark, reportByReason } from "./report.ts";

/** Reports a node that was not drained. */
export class DrainError extends Error {
  readonly nodeName: string;
  /** What stands in the way, pod by pod; empty when no pod does. */
  readonly remarks: readonly PodRemark[];

  constructor(nodeName: string, cause: string, remarks: readonly PodRemark[], remedy: string) {
    const lines = reportByReason(remarks).map((line) => `\n  - ${line}`);
    super(
      `draining Node "${nodeName}": ${cause}${lines.length > 0 ? `:${lines.join("")}\n` : ". "}${remedy}`,
    );
    this.name = "DrainError";
    this.nodeName = nodeName;
    this.remarks = remarks;
  }

  /** Adds what the drain did or lost before it failed, one line each. */
  addConsequences(lines: readonly string[]): void {
    this.message += `\nUntil then:${lines.map((line) => `\n  - ${line}`).join("")}`;
  }
}
