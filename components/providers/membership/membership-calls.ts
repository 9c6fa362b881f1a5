// The calls that Pulumi makes for a NodeMembership.
import type * as pulumi from "@pulumi/pulumi";
import type { Node } from "../../kube/api.ts";
import { wantsReboot } from "../../model/roster.ts";
import { cordonChange } from "../cordon.ts";
import { errorText, InitializationError } from "../errors.ts";
import { ownedNode } from "../identity.ts";
import type { Operation } from "../operation.ts";
import type { Progress } from "../progress.ts";
import { requireMinReady } from "../staying-nodes.ts";
import { drainMember, whenPoolAllows } from "./drain-member.ts";
import { isDrainedNow } from "./drained.ts";
import { requireOwnRequests } from "./foreign-requests.ts";
import { leavePool } from "./leave.ts";
import { readMembership } from "./read.ts";
import { notReadyReasons, observe, waitForReady } from "./ready.ts";
import { rebootMember } from "./reboot.ts";
import { settleNode } from "./settle.ts";
import { diffMembership, type MembershipInputs, type MembershipOutputs } from "./state.ts";

/** Waits for a node that was never Ready, reboots it if that is declared anew, then brings it to the declaration. */
async function converge(
  operation: Operation,
  id: string,
  inputs: MembershipInputs,
  olds: MembershipOutputs | undefined,
): Promise<MembershipOutputs> {
  const progress = operation.voice(inputs.__urn);
  const isDrained = olds?.drained === true;
  if ((inputs.drained && !isDrained) || (olds?.joined && wantsReboot(olds, inputs)))
    await cordonChange(operation, progress);
  if (olds?.joined && wantsReboot(olds, inputs)) await rebootMember(operation, inputs, progress);
  const node = olds?.joined
    ? await requireNode(operation, inputs)
    : await awaitReady(operation, id, inputs, progress);
  const settled = await settleNode(operation.kube, node, inputs, olds);
  const isDrainedStill = isDrained && (await isDrainedNow(operation.kube, node, inputs));
  if (inputs.drained && !isDrainedStill)
    await whenPoolAllows(operation, inputs, progress, async (policy) => {
      await requireMinReady(operation, inputs);
      await drainMember(operation, inputs, policy, progress);
    });
  const outs = { ...inputs, observed: observe(settled), joined: true };
  if (inputs.tokenId !== "") await endToken(operation, id, outs, olds?.joined !== true);
  return outs;
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

/** Implements the calls. */
export const membershipCalls = (current: () => Operation) => ({
  async check(_olds: MembershipInputs, news: MembershipInputs): Promise<pulumi.dynamic.CheckResult> {
    current().told.declared(news);
    return { inputs: news, failures: [] };
  },
  async diff(
    _id: string,
    olds: MembershipOutputs,
    news: MembershipInputs,
  ): Promise<pulumi.dynamic.DiffResult> {
    const { told } = current();
    told.declared(news);
    told.inState(olds, news.node);
    told.moves(news.node, olds.pool, news.pool);
    return diffMembership(olds, news);
  },
  async create(inputs: MembershipInputs): Promise<pulumi.dynamic.CreateResult<MembershipOutputs>> {
    await tellOfJoin(current(), inputs);
    return { id: inputs.node, outs: await converge(current(), inputs.node, inputs, undefined) };
  },
  async update(
    id: string,
    olds: MembershipOutputs,
    news: MembershipInputs,
  ): Promise<pulumi.dynamic.UpdateResult<MembershipOutputs>> {
    return { outs: await converge(current(), id, news, olds) };
  },
  async read(id: string, props: MembershipOutputs): Promise<pulumi.dynamic.ReadResult<MembershipOutputs>> {
    return readMembership(current(), id, props);
  },
  async delete(_id: string, props: MembershipOutputs): Promise<void> {
    current().unsettled.add(props.node);
    await leavePool(current(), props, current().voice(props.__urn));
  },
});
