// The calls that Pulumi makes for a Roster.
import type * as pulumi from "@pulumi/pulumi";
import { kubeApi } from "../connections.ts";
import { rememberLost } from "../declared-lost.ts";
import { rememberPolicy } from "../declared-policy.ts";
import { errorText } from "../error-text.ts";
import { InitializationError } from "../init-error.ts";
import { progressOf } from "../progress.ts";
import { rememberMembers, requireStayingNodes } from "../staying-nodes.ts";
import { tooManyRemovals } from "./check-limits.ts";
import { carryLost, unwipedHosts } from "./check-lost.ts";
import { tooFewReady } from "./check-ready.ts";
import { tooManyRejoins } from "./check-rejoins.ts";
import { lostButReady } from "./check-reporting.ts";
import { unsuitablePreparations } from "./check-versions.ts";
import { cordonLeaving, isMarkLeft, welcomeBack } from "./cordon-leaving.ts";
import { diffRoster } from "./diff.ts";
import { leavingMembers } from "./leaving.ts";
import { previewRemoval } from "./preview-removal.ts";
import type { RosterInputs, RosterOutputs } from "./state.ts";

/** Keeps what members that leave in this operation are asked about. */
function remember({ members, pools, lost = [] }: RosterInputs): void {
  for (const pool of pools) rememberPolicy(pool.name, pool);
  rememberLost(lost);
  rememberMembers({ members, pools });
}

/** Implements the calls. */
export const rosterCalls = {
  async check(former: Partial<RosterInputs>, news: RosterInputs): Promise<pulumi.dynamic.CheckResult> {
    // Of a roster that is created now, the engine hands over an empty object.
    const olds = former.members === undefined ? undefined : (former as RosterInputs);
    const lost = carryLost(olds, news);
    const reasons = [
      ...tooManyRejoins(olds, news),
      ...tooManyRemovals(olds, news),
      ...unwipedHosts(olds, news),
      ...(await lostButReady(kubeApi, olds, news)),
      ...(await tooFewReady(kubeApi, olds, news)),
      ...(await unsuitablePreparations(kubeApi, olds, news)),
    ];
    // With a property's name the engine would print its value before the reason: all members of the cluster.
    const failures = reasons.map((reason) => ({ property: "", reason }));
    return { inputs: { ...news, ...(lost.length > 0 && { lost }) }, failures };
  },
  async diff(_id: string, olds: RosterOutputs, news: RosterInputs): Promise<pulumi.dynamic.DiffResult> {
    remember(news);
    await previewRemoval(kubeApi, olds, news, progressOf(news.__urn));
    return diffRoster(olds, news, await isMarkLeft(kubeApi, news.members, news.owner));
  },
  async create(inputs: RosterInputs): Promise<pulumi.dynamic.CreateResult<RosterOutputs>> {
    remember(inputs);
    await welcomeBack(kubeApi(), inputs.members, inputs.owner);
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
    remember(news);
    try {
      const leaving = leavingMembers(olds, news);
      await welcomeBack(kubeApi(), news.members, news.owner);
      await requireStayingNodes(kubeApi(), leaving);
      await cordonLeaving(kubeApi(), leaving, olds.owner, progressOf(news.__urn));
    } catch (error) {
      // Keeps the new dependencies in state but the former members, so that the next run cordons again.
      throw new InitializationError(id, { ...news, members: olds.members }, [errorText(error)]);
    }
    return { outs: { ...news } };
  },
  async delete(_id: string, props: RosterOutputs): Promise<void> {
    await cordonLeaving(kubeApi(), props.members, props.owner, progressOf(props.__urn));
  },
};
