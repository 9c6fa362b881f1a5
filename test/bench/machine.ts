// Describes the machine that the figures come from.
import { cpus, totalmem } from "node:os";

/** Says how many processors of which kind there are, and how much memory. */
export function describeMachine(): string {
  const [first] = cpus();
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${first?.model.trim() ?? "unknown processor"}, ${gibibytes} GiB`;
}
