// The calls that Pulumi makes for a NodeMembership.
import type * as pulumi from "@pulumi/pulumi";
import type { Node } from "../../kube/api.ts";
import type { DriftFact } from "../../model/declaration-fact.ts";
import { durations } from "../../model/durations.ts";
import type { Happening } from "../../model/node-change.ts";
import { wantsReboot } from "../../model/roster.ts";
import { requireApproved } from "../approval.ts";
import { cordonChange } from "../cordon.ts";
import { errorText, InitializationError } from "../errors.ts";
import { runHooks } from "../hooks/run-hooks.ts";
import { nodeNamed, ownedNode } from "../identity.ts";
import type { Operation } from "../operation.ts";
import type { Progress } from "../progress.ts";
import { requireMinReady } from "../staying-nodes.ts";
import { beginDisruption } from "../verification/verify.ts";
import { whenPoolAllows } from "./drain-member.ts";
import { drainWithHooks } from "./drain-with-hooks.ts";
import { isDrainedNow } from "./drained.ts";
import { findDrift } from "./drift.ts";
import { requireOwnRequests } from "./foreign-requests.ts";
import { leavePool } from "./leave.ts";
import { metadataChanges } from "./metadata-changes.ts";
import { observe } from "./observe.ts";
import { readMembership } from "./read.ts";
import { notReadyReasons, waitForReady } from "./ready.ts";
import { rebootMember } from "./reboot.ts";
import { settleNode } from "./settle.ts";
import { completeState, diffMembership, type MembershipInputs, type MembershipOutputs } from "./state.ts";

/** Waits for a node that was never Ready, reboots it if that is declared anew, then brings it to the declaration. */
async function converge(
  operation: Operation,
  id: string,
  inputs: MembershipInputs,
  olds: MembershipOutputs | undefined,
): Promise<MembershipOutputs> {
  const progress = operation.voice(inputs.__urn);
  const isToDrain = await wantsDrain(operation, olds, inputs);
  if (olds !== undefined) await requireUpdateApproved(operation, olds, inputs, isToDrain);
  if (isToDrain || (olds?.joined && wantsReboot(olds, inputs))) {
    await beginDisruption(operation);
    await cordonChange(operation, progress);
  }
  if (olds?.joined && wantsReboot(olds, inputs)) await rebootMember(operation, inputs, progress);
  const node = olds?.joined
    ? await requireNode(operation, inputs)
    : await awaitReady(operation, id, inputs, progress);
  const settled = await settleNode(operation.kube, node, inputs, olds);
  await drainIfDeclared(operation, inputs, node, olds, progress);
  const outs = { ...inputs, observed: observe(settled), joined: true };
  // An adopted node has none, and has joined before.
  if (inputs.tokenId === "") return outs;
  await endToken(operation, id, outs, olds?.joined !== true);
  if (!olds?.joined) await runJoinHooks(operation, id, outs, progress);
  return outs;
}

async function requireUpdateApproved(
  operation: Operation,
  olds: MembershipOutputs,
  news: MembershipInputs,
  isToDrain: boolean,
): Promise<void> {
  const { node, owner, pool } = news;
  const policy = () => operation.declaration.policyOf(node, pool, news);
  const member = { node, owner, pool, policy };
  await requireApproved(operation, member, happensTo(olds, news, isToDrain), metadataChanges(olds, news));
}

/** Says what this update does to the node's pods. */
function happensTo(olds: MembershipOutputs, news: MembershipInputs, isToDrain: boolean): Happening {
  if (olds.joined && wantsReboot(olds, news)) return "reboots";
  if (isToDrain) return "is drained";
  if (olds.schedulable && !news.schedulable) return "is cordoned";
  return "stays";
}

/** Tells whether a node is declared drained and is not, or not any more. */
async function wantsDrain(
  { kube }: Operation,
  olds: MembershipOutputs | undefined,
  news: MembershipInputs,
  seen?: Node,
): Promise<boolean> {
  if (!news.drained) return false;
  if (olds?.drained !== true) return true;
  const node = seen ?? (await kube.readNode(news.node));
  return node !== undefined && !(await isDrainedNow(kube, node, news));
}

/** Drains a node that is declared drained; `node` is as it was before its cordon was put back. */
async function drainIfDeclared(
  operation: Operation,
  inputs: MembershipInputs,
  node: Node,
  olds: MembershipOutputs | undefined,
  progress: Progress,
): Promise<void> {
  if (!(await wantsDrain(operation, olds, inputs, node))) return;
  await whenPoolAllows(operation, inputs, progress, async (policy) => {
    await requireMinReady(operation, inputs);
    await drainWithHooks(operation, inputs, "maintenance", policy, progress);
  });
}

/** Runs what the stack does after a join. A failure keeps the resource in state, unfinished. */
async function runJoinHooks(
  operation: Operation,
  id: string,
  outs: MembershipOutputs,
  progress: Progress,
): Promise<void> {
  const moment = { occasion: "join", point: "afterJoin" } as const;
  await runHooks(operation, outs, moment, outs.hooks, progress).catch((error: unknown) => {
    throw new InitializationError(id, { ...outs, joined: false }, [errorText(error)]);
  });
}

/** Revokes the token of the join and, after a join, looks what it was used for. */
async function endToken(
  operation: Operation,
  id: string,
  outs: MembershipOutputs,
  hasJoined: boolean,
): Promise<void> {
  await operation.kube.deleteBootstrapToken(outs.tokenId);
  if (!hasJoined) return;
  await requireOwnRequests(operation, outs, operation.voice(outs.__urn)).catch((error: unknown) => {
    // The node is in the state, so that it can be removed; the next run asks again.
    throw new InitializationError(id, { ...outs, joined: false }, [errorText(error)]);
  });
}

/**
 * Fails when the host did not say that it has joined and its Node is not there either. A command that was updated since
 * (a new login, after a run that ended in between) says nothing more of its join.
 */
async function tellOfJoin(operation: Operation, inputs: MembershipInputs): Promise<void> {
  const { node, machineId, owner, joinWarnings = [], joinDoubt } = inputs;
  if (joinDoubt !== undefined) {
    const hasJoined = ownedNode(await operation.kube.readNode(node), { machineId, owner }) !== undefined;
    if (hasJoined) return;
    throw new Error(
      `joining node "${node}": the command ended without an error, and the host did not say that it has joined. It said: ${joinDoubt}. Run \`pulumi up\` again: it will be joined anew`,
    );
  }
  const progress = operation.voice(inputs.__urn);
  for (const warning of joinWarnings) await progress.warn(`kubeadm join: ${warning}`);
}

async function requireNode({ kube }: Operation, inputs: MembershipInputs): Promise<Node> {
  const node = await kube.readNode(inputs.node);
  if (node !== undefined) return node;
  throw new Error(
    `settling node "${inputs.node}": it is no longer in the cluster. Run \`pulumi up\` again: it will be joined anew`,
  );
}

/** Returns the ready Node; not Ready in time keeps the resource in state, unfinished. */
async function awaitReady(
  operation: Operation,
  id: string,
  inputs: MembershipInputs,
  progress: Progress,
): Promise<Node> {
  const expected = { ...inputs, timeoutSeconds: inputs.readyTimeoutSeconds };
  const outcome = await waitForReady(operation, expected, progress);
  if (outcome.ready) return outcome.node;
  const reasons = await notReadyReasons(operation, inputs, outcome.missing);
  const observed = outcome.node === undefined ? null : observe(outcome.node);
  throw new InitializationError(id, { ...inputs, observed, joined: false }, reasons);
}

/** Says nothing when the cluster cannot be asked, which the enrollments' diffs have said by then. */
async function driftOf(
  operation: Operation,
  olds: MembershipOutputs,
  news: MembershipInputs,
): Promise<DriftFact[]> {
  if (!olds.joined) return [];
  const { atLeisure } = durations.providers.sharedAnswer;
  const node = nodeNamed(await operation.nodes(atLeisure).catch(() => []), news.node);
  return node === undefined ? [] : findDrift(olds, news, node);
}

/** A refresh has found pods on the node, or its cordon was lifted by hand. */
function isDrainedAgain(
  olds: MembershipOutputs,
  news: MembershipInputs,
  drift: readonly DriftFact[],
): boolean {
  if (!olds.joined || !news.drained) return false;
  return olds.drained !== true || drift.some(({ field }) => field === "schedulable");
}

/** The roster tells of hooks of nodes that are there; of those that join, each pool tells once. */
async function tellJoinHooks(operation: Operation, { hooks, pool, __urn }: MembershipInputs): Promise<void> {
  const names = (hooks?.afterJoin ?? []).map(({ name }) => name).join(", ");
  if (names === "" || !operation.isFirst(`hooks of joins in pool ${pool}`)) return;
  await operation.voice(__urn).say(`hooks afterJoin of nodes that join pool ${pool}: ${names}`);
}

/** Implements the calls. */
export const membershipCalls = (current: () => Operation) => ({
  async check(olds: Partial<MembershipInputs>, news: MembershipInputs): Promise<pulumi.dynamic.CheckResult> {
    current().told.declared(news);
    if (olds.node === undefined) await tellJoinHooks(current(), news);
    return { inputs: news, failures: [] };
  },
  async diff(
    _id: string,
    inState: MembershipOutputs,
    news: MembershipInputs,
  ): Promise<pulumi.dynamic.DiffResult> {
    const { told } = current();
    const olds = completeState(inState);
    told.declared(news);
    told.inState(olds, news.node);
    told.moves(news.node, olds.pool, news.pool);
    const planned = diffMembership(olds, news);
    if (planned.replaces?.length) return planned;
    const drift = await driftOf(current(), olds, news);
    told.differs(news.node, { metadata: metadataChanges(olds, news), drift });
    if (isDrainedAgain(olds, news, drift)) told.drainsAgain(news.node);
    return drift.length > 0 ? { ...planned, changes: true } : planned;
  },
  async create(inputs: MembershipInputs): Promise<pulumi.dynamic.CreateResult<MembershipOutputs>> {
    await tellOfJoin(current(), inputs);
    const outs = await converge(current(), inputs.node, inputs, undefined);
    current().updated.add(inputs.node);
    return { id: inputs.node, outs };
  },
  async update(
    id: string,
    inState: MembershipOutputs,
    news: MembershipInputs,
  ): Promise<pulumi.dynamic.UpdateResult<MembershipOutputs>> {
    const outs = await converge(current(), id, news, completeState(inState));
    current().updated.add(news.node);
    return { outs };
  },
  async read(id: string, props: MembershipOutputs): Promise<pulumi.dynamic.ReadResult<MembershipOutputs>> {
    return readMembership(current(), id, completeState(props));
  },
  async delete(_id: string, props: MembershipOutputs): Promise<void> {
    current().unsettled.add(props.node);
    current().record.letsGo(props.node);
    await leavePool(current(), props, current().voice(props.__urn));
  },
});
