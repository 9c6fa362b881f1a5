// Node processes that the language host starts: a program, or a plugin that is written for Node.
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import type { ProgramInfo } from "@pulumi/pulumi/proto/language_pb.js";

/** How a process ended: an exit code, or the signal that ended it. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Milliseconds between the interrupt and the kill of what was cancelled (the official host's figure). */
const KILL_DELAY_MS = 5000;

/** Starts Node; waits for its end after `hear` has seen it, and ends it when `cancelled` says so. */
export async function runNode(
  argv: readonly string[],
  options: SpawnOptions,
  cancelled: AbortSignal,
  hear: (child: ChildProcess) => void = () => {},
): Promise<ProcessEnd> {
  const child = spawn("node", argv, options);
  hear(child);
  const stop = () => {
    child.kill("SIGINT");
    setTimeout(() => child.kill("SIGKILL"), KILL_DELAY_MS).unref();
  };
  const kill = () => child.kill("SIGKILL");
  cancelled.addEventListener("abort", stop);
  process.once("exit", kill);
  try {
    const [code, signal] = await once(child, "close");
    return { code, signal };
  } finally {
    cancelled.removeEventListener("abort", stop);
    process.removeListener("exit", kill);
  }
}

/** Finds a script of the @pulumi/pulumi that is installed where the program is. */
export function scriptOf(info: ProgramInfo, name: "run" | "run-plugin" | "run-policy-pack"): string {
  const directory = info.getProgramDirectory();
  try {
    return createRequire(`${directory}/`).resolve(`@pulumi/pulumi/cmd/${name}`);
  } catch (cause) {
    throw new Error(
      `running a program "${directory}": @pulumi/pulumi is not installed there. Run npm install.`,
      { cause },
    );
  }
}

/** Returns what the project file has Node started with. */
export function nodeArguments(info: ProgramInfo): string[] {
  const text = runtimeOption(info, "nodeargs");
  if (typeof text !== "string") return [];
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((word) => word[1] ?? word[2] ?? word[3] ?? "");
}

/** Returns an option below `runtime` in the project file. */
export function runtimeOption(info: ProgramInfo, name: string): unknown {
  return info.getOptions()?.toJavaScript()[name];
}
