// Drains a member as its pool declares it, and tells what came of it on the resource's row.
import { drainNode } from "../../drain/drain-node.ts";
import { describeSummary } from "../../drain/summary.ts";
import type { KubeApi } from "../../kube/api.ts";
import { isTransient } from "../../kube/kube-error.ts";
import type { DrainPolicy } from "../../model/drain-policy.ts";
import { isDeclaredLost } from "../declared-lost.ts";
import { policyOf } from "../declared-policy.ts";
import { recentNodes } from "../node-list.ts";
import { paced } from "../pacing.ts";
import type { Progress } from "../progress.ts";
import { nodesDown } from "./nodes-down.ts";
import type { MembershipInputs } from "./state.ts";

/** Runs `work` with the member's policy once its pool may have one more node down. */
export async function whenPoolAllows<Result>(
  api: KubeApi,
  member: Pick<MembershipInputs, "node" | "pool" | "owner" | "drain" | "maxUnavailable">,
  progress: Progress,
  work: (policy: DrainPolicy) => Promise<Result>,
): Promise<Result> {
  const { node, pool } = member;
  const { drain, maxUnavailable: limit } = policyOf(node, pool, member);
  const onWait = (obstacle: string) =>
    progress.now(`waits for pool ${pool}, maxUnavailable is ${limit}; ${obstacle}`);
  const findDown = () => findNodesDown(api, member);
  return paced({ node, pool, limit, timeoutSeconds: drain.timeoutSeconds, findDown, onWait }, () =>
    work(drain),
  );
}

// A restart of the API server must not end the wait of a node whose turn has not come.
async function findNodesDown(
  api: KubeApi,
  member: Pick<MembershipInputs, "pool" | "owner">,
): Promise<string[] | undefined> {
  try {
    return nodesDown(await recentNodes(api), member, isDeclaredLost);
  } catch (error) {
    if (isTransient(error)) return undefined;
    throw error;
  }
}

/** Drains the node and leaves one line for each consequence and one for the whole. */
export async function drainMember(
  api: KubeApi,
  nodeName: string,
  policy: DrainPolicy,
  progress: Progress,
): Promise<void> {
  const onProgress = (text: string) => progress.now(text);
  const summary = await drainNode(api, nodeName, { policy, onProgress });
  for (const consequence of summary.warnings) await progress.say(consequence);
  await progress.say(describeSummary(summary));
}
