// Drains a member as its pool declares it and allows it, and tells what came of it on the resource's row.
import { drainNode } from "../../drain/drain-node.ts";
import { describeSummary } from "../../drain/summary.ts";
import type { Node } from "../../kube/api.ts";
import { isTransient } from "../../kube/kube-error.ts";
import { isReady } from "../../kube/node-ready.ts";
import type { Clock } from "../../model/clock.ts";
import type { DrainPolicy, LeavingPolicy } from "../../model/drain-policy.ts";
import { durations } from "../../model/durations.ts";
import { bootIdText } from "../../model/mark-values.ts";
import { readMarks } from "../../model/node-marks.ts";
import { dropGarbage } from "../../pulumi-internals/small-heap.ts";
import type { Operation } from "../operation.ts";
import { countsIn } from "../pool-of.ts";
import type { Progress } from "../progress.ts";
import { requireChecksAfterDrain } from "../verification/verify.ts";
import type { MembershipInputs } from "./state.ts";

/** Runs `work` with the member's policy once its pool may have one more node down. */
export async function whenPoolAllows<Result>(
  operation: Operation,
  member: Pick<MembershipInputs, "node" | "pool" | "owner" | "drain" | "maxUnavailable" | "hooks">,
  progress: Progress,
  work: (policy: LeavingPolicy) => Promise<Result>,
): Promise<Result> {
  const { node } = member;
  // By the name that the pool has now: all of it is paced together while it is renamed.
  const pool = operation.poolNow(member.pool);
  const policy = operation.declaration.policyOf(node, pool, member);
  const { drain, maxUnavailable: limit } = policy;
  const onWait = (blocker: string) =>
    progress.now(`waiting for a slot in pool ${pool} (maxUnavailable: ${limit}); ${blocker}`);
  const findDown = () => findNodesDown(operation, { pool, owner: member.owner });
  return operation.slots.withSlot(
    { node, pool, limit, timeoutSeconds: drain.timeoutSeconds, findDown, onWait },
    () => work(policy),
  );
}

// A restart of the API server must not end the wait for a slot.
async function findNodesDown(
  operation: Operation,
  member: Pick<MembershipInputs, "pool" | "owner">,
): Promise<string[] | undefined> {
  try {
    const nodes = await operation.nodes();
    const ofPool = nodes.filter((node) => countsIn(operation, node, member.pool, member.owner));
    return nodesDown(ofPool, (node) => isGoing(operation, node));
  } catch (error) {
    if (isTransient(error)) return undefined;
    throw error;
  }
}

function isGoing({ declaration }: Operation, node: string): boolean {
  return declaration.isLost(node) || declaration.isLeaving(node);
}

/** Drains the node and leaves one line for each consequence and one for the whole; fails when the stack's checks do not hold then. */
export async function drainMember(
  operation: Operation,
  { node, machineId }: Pick<MembershipInputs, "node" | "machineId">,
  policy: DrainPolicy,
  progress: Progress,
): Promise<void> {
  // Minutes are to come, and what loading took is not needed in them.
  await operation.once("the garbage of loading", async () => dropGarbage());
  const onProgress = (text: string) => progress.now(text);
  const summary = await drainNode(operation.kube, node, { policy, machineId, onProgress });
  for (const consequence of summary.warnings) await progress.say(consequence);
  await progress.say(describeSummary(summary));
  const { told, declaration, record } = operation;
  const pool = operation.poolNow(told.poolOf(node) ?? declaration.poolOf(node) ?? "");
  record.drained({ node, pool, summary });
  await requireChecksAfterDrain(operation, node, progress);
}

/**
 * Names those of a pool's nodes that are not Ready, or whose reboot has not ended: a machine that is off stays Ready for 40
 * seconds. Nodes that leave do not count, nor lost ones: the pool is declared without them. Pure.
 */
export function nodesDown(nodes: readonly Node[], isGoing: (node: string) => boolean): string[] {
  return nodes
    .filter((node) => readMarks(node).leaving === undefined && !isGoing(node.metadata?.name ?? ""))
    .filter((node) => !isReady(node) || isRebooting(node))
    .map(({ metadata }) => metadata?.name ?? "");
}

function isRebooting(node: Node): boolean {
  const { reboot } = readMarks(node);
  return reboot?.down === true && reboot.bootId === bootIdText(node.status?.nodeInfo?.bootID ?? "");
}

/** Returns a check that has to hold when a node gets its slot, which may be hours after it queued: made again only when it is older than ten seconds. */
export function throttle(clock: Clock, check: () => Promise<void>): () => Promise<void> {
  let madeAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (clock.now() - madeAt < durations.providers.checkHolds) return;
    await check();
    madeAt = clock.now();
  };
}
