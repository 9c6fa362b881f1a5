// The calls that Pulumi makes for a Roster.
import type * as pulumi from "@pulumi/pulumi";
import { clearStaleMarks, cordonLeaving, isStaleMarkLeft } from "../cordon.ts";
import { errorText, InitializationError } from "../errors.ts";
import type { Operation } from "../operation.ts";
import { requireStayingNodes } from "../staying-nodes.ts";
import { leavingMembers } from "./change.ts";
import { carryLost, tooManyRejoins, tooManyRemovals, unwipedHosts } from "./checks.ts";
import { lostButReady, tooFewReady, unsuitablePreparations } from "./cluster-checks.ts";
import { previewChange } from "./preview.ts";
import { diffRoster, type RosterInputs, type RosterOutputs } from "./state.ts";

/** Tells the operation what is declared. */
function hear(operation: Operation, { members, pools, lost = [] }: RosterInputs): Operation {
  operation.declaration.hear({ members, pools, lost });
  return operation;
}

/** Implements the calls. */
export const rosterCalls = (current: () => Operation) => ({
  async check(former: Partial<RosterInputs>, news: RosterInputs): Promise<pulumi.dynamic.CheckResult> {
    // Of a roster that is created now, the engine hands over an empty object.
    const olds = former.members === undefined ? undefined : (former as RosterInputs);
    const lost = carryLost(olds, news);
    const reasons = [
      ...tooManyRejoins(olds, news),
      ...tooManyRemovals(olds, news),
      ...unwipedHosts(olds, news),
      ...(await lostButReady(current(), olds, news)),
      ...(await tooFewReady(current(), olds, news)),
      ...(await unsuitablePreparations(current(), olds, news)),
    ];
    // With a property's name the engine would print its value before the reason: all members of the cluster.
    const failures = reasons.map((reason) => ({ property: "", reason }));
    return { inputs: { ...news, ...(lost.length > 0 && { lost }) }, failures };
  },
  async diff(_id: string, olds: RosterOutputs, news: RosterInputs): Promise<pulumi.dynamic.DiffResult> {
    const operation = hear(current(), news);
    await previewChange(operation, olds, news, operation.voice(news.__urn));
    return diffRoster(olds, news, await isStaleMarkLeft(operation, news.members, news.owner));
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
    const operation = hear(current(), news);
    try {
      const leaving = leavingMembers(olds, news);
      await clearStaleMarks(operation, news.members, news.owner);
      await requireStayingNodes(operation, leaving);
      await cordonLeaving(operation, leaving, olds.owner, operation.voice(news.__urn));
    } catch (error) {
      // Keeps the new dependencies in state but the former members, so that the next run cordons again.
      throw new InitializationError(id, { ...news, members: olds.members }, [errorText(error)]);
    }
    return { outs: { ...news } };
  },
  async delete(_id: string, props: RosterOutputs): Promise<void> {
    await cordonLeaving(current(), props.members, props.owner, current().voice(props.__urn));
  },
});
