// Why a change of the roster is refused at preview: its size, the cluster as it is, what is known to fail, what was approved.
import type { Refusal } from "../../model/declaration-fact.ts";
import type { LostHost } from "../../model/roster.ts";
import { agentFault } from "../../ssh/environment-agent.ts";
import { beyondApproved } from "../approval.ts";
import type { Operation } from "../operation.ts";
import { tellFacts } from "../tell-facts.ts";
import { unsuitableAccess } from "./access-checks.ts";
import { wantsRejoin } from "./change.ts";
import { tooManyRejoins, tooManyRemovals, unwipedHosts } from "./checks.ts";
import { inAnotherCluster, lostButReady, tooFewReady, unsuitablePreparations } from "./cluster-checks.ts";
import type { Former } from "./former.ts";
import { knownFailures } from "./known-failures.ts";
import { clusterFact } from "./preview.ts";
import type { RosterInputs } from "./state.ts";

/** What a change starts from: the inputs in the state, what was there, which machines are remembered as lost. */
interface Start {
  readonly olds: RosterInputs | undefined;
  readonly before: Former;
  readonly memory: readonly LostHost[];
}

/** Lists all reasons; `inputs` are what is declared, with what the state has to remember. */
export async function findRefusals(
  operation: Operation,
  { olds, before, memory }: Start,
  news: RosterInputs,
  inputs: RosterInputs,
): Promise<Refusal[]> {
  const undone = withoutDone(operation, before.roster, inputs);
  return [
    ...unwipedHosts(memory, news),
    ...(await excesses(operation, olds, before, news)),
    ...[...operation.refusedLogins.values()].map(because),
    ...(await unsuitablePreparations(operation, olds, news)).map(because),
    ...(await unusableAgent(operation, olds, news)).map(because),
    ...(await knownFailures(operation, undone, inputs)),
    ...(await beyondApproved(operation, undone, inputs)),
  ];
}

/** Lists what of a change is more than its limits, or the cluster as it is, allow. */
async function excesses(
  operation: Operation,
  olds: RosterInputs | undefined,
  { roster, pending }: Former,
  news: RosterInputs,
): Promise<Refusal[]> {
  return [
    ...(await inAnotherCluster(operation, olds)).map(because),
    ...tooManyRejoins(olds, news, operation.told.vanished()),
    ...tooManyRemovals(roster, news, olds === undefined ? [] : pending),
    ...(await lostButReady(operation, roster, news)).map(because),
    ...(await tooFewReady(operation, roster, news)),
    ...(await unsuitableAccess(operation, olds, news)).map(because),
  ];
}

/** Asks when a host is to join: once its token is minted, the join would fail for good. */
async function unusableAgent(
  operation: Operation,
  olds: RosterInputs | undefined,
  news: RosterInputs,
): Promise<string[]> {
  const former = new Map(olds?.members?.map((member) => [member.node, member]));
  const vanished = operation.told.vanished();
  const joins = news.members.some((member) => {
    const before = former.get(member.node);
    return before === undefined || vanished.has(member.node) || wantsRejoin(before, member);
  });
  const fault = joins ? await agentFault(operation.sshIfKnown ?? {}) : undefined;
  return fault === undefined ? [] : [fault];
}

/** Nothing that is declared allows it. */
function because(reason: string): Refusal {
  return { reason };
}

/** In the run itself the roster is asked last: what was rebooted, drained or rejoined by then is as it is declared. */
function withoutDone({ updated }: Operation, former: RosterInputs, news: RosterInputs): RosterInputs {
  const declared = new Map(news.members.map((member) => [member.node, member]));
  const isDone = (node: string) => updated.has(node) && declared.has(node);
  const members = former.members.map((member) =>
    isDone(member.node) ? (declared.get(member.node) ?? member) : member,
  );
  const known = new Set(members.map(({ node }) => node));
  const joined = news.members.filter(({ node }) => isDone(node) && !known.has(node));
  return { ...former, members: [...members, ...joined] };
}

/** A tool need not read the sentences: what was asked for, what is allowed and what would allow it is data. */
export async function tellRefusals(
  operation: Operation,
  refusals: readonly Refusal[],
  news: RosterInputs,
): Promise<void> {
  if (refusals.length === 0) return;
  const facts = refusals.map(
    (refusal) => ({ kind: "change-refused", severity: "warning", ...refusal }) as const,
  );
  // The engine asks for no diff of what is refused, which would tell the rest.
  await tellFacts([...clusterFact(operation, news), ...facts], operation.voice(news.__urn));
}
