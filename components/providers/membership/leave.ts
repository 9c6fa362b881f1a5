// How a node leaves its pool: cordoned, drained, its volumes gone; the host is reset by its enrollment afterwards.
import { abandonNode } from "../abandon.ts";
import { requireApproved } from "../approval.ts";
import { cordonChange, markLeaving } from "../cordon.ts";
import { awaitDeleteHooks } from "../hooks/await-delete-hooks.ts";
import { identify, poolByStamp } from "../identity.ts";
import { askWhetherReleasable, requireHostsCluster } from "../judge-release.ts";
import type { Operation } from "../operation.ts";
import type { Progress } from "../progress.ts";
import { requireRejoinAllowed } from "../rejoin-limits.ts";
import { requireStayingNodes } from "../staying-nodes.ts";
import { throttle, whenPoolAllows } from "./drain-member.ts";
import { drainWithHooks } from "./drain-with-hooks.ts";
import type { MembershipOutputs } from "./state.ts";

/**
 * Drains the node. Does nothing when its Node is gone, and leaves alone a Node that is not ours any more; fails for one
 * with our mark that reports another machine. A lost machine's Node is removed without a drain. Fails before the first
 * eviction when whatever refuses the host's reset would refuse it now, or when too few Ready nodes would stay. A node
 * that is to be joined again is reached by the login that is declared now.
 */
export async function leavePool(
  operation: Operation,
  inState: MembershipOutputs,
  progress: Progress,
): Promise<void> {
  const member = operation.told.reached(inState);
  if (member.joined) await requireLeaveApproved(operation, member);
  if (member.joined) await requireRejoinAllowed(operation, member);
  const node = await operation.kube.readNode(member.node);
  const identity = identify(node, member);
  const isLost = operation.declaration.isLost(member.node);
  const isOthers = node === undefined || identity.kind === "absent" || identity.kind === "foreign";
  // A cluster without the Node may be the wrong one: the host knows which one it has joined.
  if (isOthers && !isLost) await requireHostsCluster(operation, member);
  if (node === undefined || identity.kind === "absent")
    return progress.say(`node "${member.node}" is not in the cluster: nothing to drain`);
  // Its kubelet may report any machine id: that must not keep it in the cluster without a word.
  if (identity.kind === "foreign" && poolByStamp(node, member.owner) !== undefined)
    throw new Error(
      `draining node "${member.node}": ${identity.reason}, although the Node carries this stack's mark. Look which machine runs its kubelet (kubectl get node ${member.node} -o wide), run \`kubectl delete node ${member.node}\`, then run again: nothing is left to drain then, and the host is reset`,
    );
  if (identity.kind === "foreign")
    return progress.warn(`node "${member.node}" is left alone: ${identity.reason}`);
  if (isLost) return abandonNode(operation.kube, node, progress);
  const check = throttle(operation.clock, async () => {
    await askWhetherReleasable(operation, member, progress);
    await requireStayingNodes(operation, [member]);
  });
  await operation.departures.cordoning(async () => {
    await check();
    await markLeaving(operation, [member], member.owner);
  });
  await cordonOthers(operation, progress);
  await awaitDeleteHooks(operation, member, "pre-drain", drainSeconds(operation, member), progress);
  await whenPoolAllows(operation, member, progress, async (policy) => {
    await check();
    await drainWithHooks(operation, member, "leave", policy, progress);
  });
}

/** Before its turn in the pool: whoever holds its removal up holds no other node's. */
function drainSeconds(operation: Operation, member: MembershipOutputs): number {
  const pool = operation.poolNow(member.pool);
  return operation.declaration.policyOf(member.node, pool, member).drain.timeoutSeconds;
}

/** Asked of what was a member once: a join that failed has left nothing that a review could tell of. */
async function requireLeaveApproved(operation: Operation, member: MembershipOutputs): Promise<void> {
  const { declaration, told } = operation;
  const { node } = member;
  const happens = declaration.isLost(node) ? "lost" : told.isDeclared(node) ? "rejoins" : "leaves";
  const pool = operation.poolNow(member.pool);
  const policy = () => declaration.policyOf(node, pool, member);
  await requireApproved(operation, { node, owner: member.owner, pool, policy }, happens);
}

/** Has all nodes that leave cordoned before the first pod moves, whoever has told of them. */
async function cordonOthers(operation: Operation, progress: Progress): Promise<void> {
  if (operation.declaration.roster !== undefined) return;
  if (operation.told.owners().length > 0) return cordonChange(operation, progress);
  await operation.departures.allCordoned();
}
