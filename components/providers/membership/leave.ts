// How a node leaves its pool: cordoned, drained, its volumes gone; the host is reset by its enrollment afterwards.
import type { KubeApi } from "../../kube/api.ts";
import type { SshCredentials } from "../../ssh/credentials.ts";
import { isDeclaredLost } from "../declared-lost.ts";
import { requireOwnHost } from "../host-access.ts";
import { foreignness } from "../ownership.ts";
import type { Progress } from "../progress.ts";
import { markLeaving } from "../roster/cordon-leaving.ts";
import { requireStayingNodes } from "../staying-nodes.ts";
import { abandonNode } from "./abandon.ts";
import { drainMember, whenPoolAllows } from "./drain-member.ts";
import { recentCheck } from "./recent-check.ts";
import type { MembershipOutputs } from "./state.ts";

/**
 * Drains the node. Does nothing when its Node is gone, and leaves alone a Node that is not ours any more. A lost
 * machine's Node is removed without a drain. Fails before the first eviction when the host cannot be reached: it could
 * not be reset afterwards; and when too few Ready nodes would stay.
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
  if (isDeclaredLost(member.node)) return abandonNode(api, node, progress);
  const check = recentCheck(async () => {
    await requireOwnHost(member, credentials);
    await requireStayingNodes(api, [member]);
  });
  await check();
  await markLeaving(api, [member], member.owner);
  await whenPoolAllows(api, member, progress, async (policy) => {
    await check();
    await drainMember(api, member.node, policy, progress);
  });
}
