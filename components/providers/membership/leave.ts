// How a node leaves its pool: cordoned, drained, its volumes gone; the host is reset by its enrollment afterwards.
import { drainNode } from "../../drain/drain-node.ts";
import type { KubeApi } from "../../kube/api.ts";
import type { DrainPolicy } from "../../model/drain-policy.ts";
import type { SshCredentials } from "../../ssh/credentials.ts";
import { policyOf } from "../declared-policy.ts";
import { requireOwnHost } from "../host-access.ts";
import { foreignness } from "../ownership.ts";
import { paced } from "../pacing.ts";
import type { Progress } from "../progress.ts";
import { markLeaving } from "../roster/cordon-leaving.ts";
import type { MembershipOutputs } from "./state.ts";

/**
 * Drains the node. Does nothing when its Node is gone, and leaves alone a Node that is not ours any more.
 * Fails before the first eviction when the host cannot be reached: it could not be reset afterwards.
 */
export async function leavePool(
  api: KubeApi,
  credentials: SshCredentials,
  member: MembershipOutputs,
  progress: Progress,
): Promise<void> {
  const node = await api.readNode(member.node);
  if (node === undefined)
    return progress.say(`node "${member.node}" is not in the cluster: nothing to drain`);
  const reason = foreignness(node, member);
  if (reason !== undefined) return progress.warn(`node "${member.node}" is left alone: ${reason}`);
  await requireOwnHost(member, credentials);
  const { drain: policy, maxUnavailable } = policyOf(member.pool, member);
  await paced(
    member.pool,
    maxUnavailable,
    (draining) =>
      progress.now(`waits: ${draining} of pool ${member.pool} drain, maxUnavailable is ${maxUnavailable}`),
    async () => {
      await markLeaving(api, [member], member.owner);
      await drain(api, member.node, policy, progress);
    },
  );
}

async function drain(api: KubeApi, nodeName: string, policy: DrainPolicy, progress: Progress): Promise<void> {
  const summary = await drainNode(api, nodeName, {
    policy,
    onProgress: (text) => progress.now(text),
  });
  for (const consequence of summary.warnings) await progress.say(consequence);
  await progress.say(`drained: ${summary.evicted} pods evicted in ${summary.seconds} s`);
}
