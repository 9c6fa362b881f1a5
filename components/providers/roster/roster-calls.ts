// The calls that Pulumi makes for a Roster.
import type * as pulumi from "@pulumi/pulumi";
import type { LostHost, RosterMember } from "../../model/roster.ts";
import { clearStaleMarks, cordonLeaving, isStaleMarkLeft } from "../cordon.ts";
import { errorText, InitializationError } from "../errors.ts";
import type { Operation } from "../operation.ts";
import { requireStayingNodes } from "../staying-nodes.ts";
import { endDisruption } from "../verification/verify.ts";
import { leavingMembers } from "./change.ts";
import { carryLost } from "./checks.ts";
import { unusableServer } from "./cluster-checks.ts";
import { type Former, findFormer, rememberedLost, withoutTakenOver } from "./former.ts";
import { previewChange } from "./preview.ts";
import { findRefusals, tellRefusals } from "./refusals.ts";
import { describeRemovals, isRemovalPending } from "./removals.ts";
import { diffRoster, type PendingRemoval, type RosterInputs, type RosterOutputs } from "./state.ts";

/** Tells the operation what is declared. */
function hear(
  operation: Operation,
  { members, pools, lost = [], lostNow, pending }: RosterInputs,
): Operation {
  const declared = lost.filter(({ node }) => lostNow === undefined || lostNow.includes(node));
  operation.declaration.hear({ members, pools, lost: declared }, pending);
  return operation;
}

/** Adds to the declaration what the state has to remember: lost hosts, removals until their Nodes are gone, rejoins that have failed. */
function completeInputs(
  before: Former,
  memory: readonly LostHost[],
  news: RosterInputs,
  unsettled: ReadonlySet<string>,
): RosterInputs {
  const lost = carryLost(memory, news);
  const leaving = new Map(leavingMembers(before.roster, news).map((member) => [member.node, member]));
  const pending = before.roster.members
    .filter(({ node }) => !news.members.some((member) => member.node === node))
    .map(({ node, pool }): PendingRemoval => {
      const { drain, hooks } = leaving.get(node) ?? {};
      return { node, pool, ...(drain && { drain }), ...(hooks && { hooks }) };
    });
  const isRemembering = lost.length > (news.lost?.length ?? 0);
  const members = withFormerTriggers(news.members, before.roster.members, unsettled);
  return {
    ...news,
    members,
    ...(lost.length > 0 && { lost }),
    ...(isRemembering && { lostNow: (news.lost ?? []).map(({ node }) => node) }),
    ...(pending.length > 0 && { pending }),
  };
}

/**
 * With `--continue-on-error` the roster is asked about although a rejoin has failed: what was not done is not remembered
 * as done. Other fields stay as declared: the marks on Nodes are compared with them.
 */
function withFormerTriggers(
  members: readonly RosterMember[],
  former: readonly RosterMember[],
  unsettled: ReadonlySet<string>,
): readonly RosterMember[] {
  const triggers = new Map(former.map(({ node, rejoinTrigger }) => [node, rejoinTrigger]));
  return members.map((member) => {
    const trigger = unsettled.has(member.node) ? triggers.get(member.node) : undefined;
    return trigger === undefined ? member : { ...member, rejoinTrigger: trigger };
  });
}

/** Keeps which cluster the members have joined: enrollments that are removed are asked about no more. */
function rememberedCluster({ enrolled }: Operation, olds: RosterInputs | undefined): { clusterCa?: string } {
  const [known] = [...enrolled.values()].flatMap(({ clusterCa }) => clusterCa ?? []);
  const clusterCa = known ?? olds?.clusterCa;
  return clusterCa === undefined ? {} : { clusterCa };
}

/** With a property's name the engine would print its value before the reason: all members of the cluster. */
function failureOf(reason: string): pulumi.dynamic.CheckFailure {
  return { property: "", reason };
}

/** Returns what was there before, as far as it is this stack's; of a roster that is created now, the engine hands over an empty object. */
async function ownFormer(operation: Operation, former: Partial<RosterInputs>, news: RosterInputs) {
  if (former.members === undefined) return undefined;
  return withoutTakenOver(operation, former as RosterInputs, news);
}

/** The members that stay are done by now; where some leave, the last of these tells of all. */
async function endWithoutRemovals(operation: Operation, id: string, outs: RosterOutputs): Promise<void> {
  if (!operation.record.hasDrained) return;
  await endDisruption(operation, operation.voice(outs.__urn)).catch((error: unknown) => {
    throw new InitializationError(id, outs, [errorText(error)]);
  });
}

/** Cordons what leaves; what stays is done by now. */
async function updateRoster(
  operation: Operation,
  id: string,
  olds: RosterOutputs,
  news: RosterInputs,
): Promise<RosterOutputs> {
  const leaving = leavingMembers(await withoutTakenOver(operation, olds, news), news);
  try {
    await clearStaleMarks(operation, news.members, news.owner);
    await requireStayingNodes(operation, leaving);
    await cordonLeaving(operation, leaving, olds.owner, operation.voice(news.__urn));
  } catch (error) {
    // Keeps the new dependencies in state but the former members, so that the next run cordons again.
    throw new InitializationError(id, { ...news, members: olds.members }, [errorText(error)]);
  }
  const removals = await describeRemovals(operation, leaving);
  const outs = { ...news, ...(removals && { removals }) };
  if (leaving.length === 0) await endWithoutRemovals(operation, id, outs);
  return outs;
}

/** Implements the calls. */
export const rosterCalls = (current: () => Operation) => ({
  async check(former: Partial<RosterInputs>, news: RosterInputs): Promise<pulumi.dynamic.CheckResult> {
    const operation = current();
    const olds = await ownFormer(operation, former, news);
    const unusable = await unusableServer(operation, olds);
    if (unusable.length > 0) return { inputs: news, failures: unusable.map(failureOf) };
    const before = await findFormer(operation, olds, news);
    const memory = await rememberedLost(operation, olds);
    const remembered = completeInputs(before, memory, news, operation.unsettled);
    const inputs = { ...remembered, ...rememberedCluster(operation, olds) };
    const refusals = await findRefusals(operation, { olds, before, memory }, news, inputs);
    // The engine asks for no diff of a roster that is created.
    if (before.isNew) await previewChange(operation, before.roster, inputs, operation.voice(news.__urn));
    await tellRefusals(operation, refusals, news);
    return { inputs, failures: refusals.map(({ reason }) => failureOf(reason)) };
  },
  async diff(_id: string, olds: RosterOutputs, news: RosterInputs): Promise<pulumi.dynamic.DiffResult> {
    const operation = hear(current(), news);
    await previewChange(operation, olds, news, operation.voice(news.__urn));
    operation.rosterUrn = news.__urn;
    // Members that were drained again are told of, and verified, by the roster's update.
    const isWorkLeft =
      operation.told.drainedAgain().size > 0 ||
      (await isStaleMarkLeft(operation, news.members, news.owner)) ||
      (await isRemovalPending(operation, news));
    return diffRoster(olds, news, isWorkLeft);
  },
  async create(inputs: RosterInputs): Promise<pulumi.dynamic.CreateResult<RosterOutputs>> {
    await clearStaleMarks(hear(current(), inputs), inputs.members, inputs.owner);
    return { id: "roster", outs: { ...inputs } };
  },
  async read(id: string, props: RosterOutputs): Promise<pulumi.dynamic.ReadResult<RosterOutputs>> {
    return { id, props };
  },
  async update(
    id: string,
    olds: RosterOutputs,
    news: RosterInputs,
  ): Promise<pulumi.dynamic.UpdateResult<RosterOutputs>> {
    return { outs: await updateRoster(hear(current(), news), id, olds, news) };
  },
  /** Cordons nothing: that the roster goes does not mean that the nodes go. Each that does is cordoned by its own removal. */
  async delete(_id: string, _props: RosterOutputs): Promise<void> {},
});
