// This program's way: one process for all nodes, as the provider process is.
import { join } from "node:path";
import type { Side } from "./side.ts";

/** What the process reads from its standard input. */
export interface OurJob {
  readonly nodes: readonly string[];
  readonly maxUnavailable: number;
  readonly owner: string;
  readonly kubeconfig: string;
  readonly timeoutSeconds: number;
}

const program = join(import.meta.dirname, "our-process.ts");

/** Drains the nodes in a process of its own, so that memory and requests are its own. */
export const drainByProvider: Side = ({ processes, ...job }) =>
  processes.run({
    argv: ["node", program],
    env: process.env,
    stdin: JSON.stringify(job satisfies OurJob),
  });
