// Drains a member between its pool's hooks.
import type { LeavingPolicy } from "../../model/drain-policy.ts";
import type { HookOccasion } from "../../model/hooks.ts";
import type { HookedNode } from "../hooks/hooked-node.ts";
import { runHooks } from "../hooks/run-hooks.ts";
import type { Operation } from "../operation.ts";
import type { Progress } from "../progress.ts";
import { drainMember } from "./drain-member.ts";

/** Runs the hooks and the drain in their order. The node is cordoned by now. */
export async function drainWithHooks(
  operation: Operation,
  member: HookedNode,
  occasion: Exclude<HookOccasion, "join">,
  { drain, hooks }: LeavingPolicy,
  progress: Progress,
): Promise<void> {
  await runHooks(operation, member, { occasion, point: "beforeDrain" }, hooks, progress);
  await drainMember(operation, member, drain, progress);
  await runHooks(operation, member, { occasion, point: "afterDrain" }, hooks, progress);
}
