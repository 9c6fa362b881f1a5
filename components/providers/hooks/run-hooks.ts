// Runs a stack's own hooks for a node, one after the other; each that has ended well once, also across runs.
import { actAfter, type Clock } from "../../model/clock.ts";
import { durations } from "../../model/durations.ts";
import { type Hook, type HookOccasion, type HookPoint, type Hooks, hookKey } from "../../model/hooks.ts";
import { readManifest } from "../../settings/hook-manifest.ts";
import { errorText } from "../errors.ts";
import type { Operation } from "../operation.ts";
import type { Progress } from "../progress.ts";
import { runCommand } from "./command-hook.ts";
import { type HookedNode, HookMemory, type HookRun } from "./hooked-node.ts";
import { runJob } from "./job-hook.ts";

/** Reports a hook that failed. */
export class HookError extends Error {
  override readonly name = "HookError";
}

/** Runs the hooks of one moment; fails with the first that does, after which the next run goes on with it. */
export async function runHooks(
  operation: Operation,
  target: HookedNode,
  { occasion, point }: { readonly occasion: HookOccasion; readonly point: HookPoint },
  hooks: Hooks | undefined,
  progress: Progress,
): Promise<void> {
  const declared = hooks?.[point] ?? [];
  if (declared.length === 0) return;
  const memory = new HookMemory(operation, target);
  await memory.recall(progress);
  for (const hook of declared) await runOnce(operation, memory, { target, occasion, point, hook, progress });
  if (occasion === "join") await memory.forget();
}

async function runOnce(operation: Operation, memory: HookMemory, run: HookRun): Promise<void> {
  const { occasion, point, hook, progress } = run;
  const name = `hook ${point} "${hook.name}"`;
  const begun = operation.clock.now();
  try {
    const key = hookKey(occasion, point, hook, definitionOf(hook));
    if (memory.find(key)?.isDone) return;
    const tell = (elapsed: number) => progress.now(`${name}: ${elapsed} s of ${hook.timeoutSeconds} s`);
    const said = await (hook.job === undefined
      ? runCommand(operation, run).finally(tellTime(operation.clock, tell))
      : runJob(operation, memory, key, run, tell));
    await memory.note({ key, isDone: true });
    const seconds = Math.round(operation.clock.now() - begun);
    await progress.say(`${name}: done after ${seconds} s${said === "" ? "" : `: ${said}`}`);
  } catch (error) {
    throw new HookError(
      `${name} of node "${run.target.node}": ${errorText(error)}. ${whatItLeaves(point)} Mend it, or take it out of the pool's hooks, then run again: hooks that have ended well do not run again`,
      { cause: error },
    );
  }
}

/** A hook whose Job or command was changed since is another one. */
function definitionOf({ command, job }: Hook): string {
  return command ?? JSON.stringify(job && { namespace: job.namespace, manifest: readManifest(job) });
}

function whatItLeaves(point: HookPoint): string {
  switch (point) {
    case "beforeDrain":
      return "The Node stays cordoned, and no pod was moved.";
    case "afterDrain":
      return "The Node is drained and stays cordoned, its host is not touched.";
    case "beforeReset":
      return "The Node is drained and stays cordoned, its host is not reset.";
    case "afterJoin":
      return "The node has joined and takes pods.";
  }
}

/** Tells how long it takes; returns what ends that. */
function tellTime(clock: Clock, tell: (elapsed: number) => void): () => void {
  const begun = clock.now();
  let stop: () => void = () => undefined;
  const tellNow = () => {
    tell(Math.round(clock.now() - begun));
    stop = actAfter(clock, durations.drain.progress, tellNow);
  };
  tellNow();
  return () => stop();
}
