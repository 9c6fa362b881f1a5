// The calls that Pulumi makes for a HostEnrollment.
import { randomBytes } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import { durations } from "../../model/durations.ts";
import { hostKeyFault } from "../../settings/ssh-syntax.ts";
import { hostKeyType } from "../../ssh/host-key.ts";
import { openSession } from "../../ssh/session.ts";
import { resolveName, unknownNameText } from "../../ssh/unknown-name.ts";
import { requireApproved } from "../approval.ts";
import { claimHost, inspectHost, requireSameMachine } from "../host.ts";
import type { Operation } from "../operation.ts";
import type { Progress } from "../progress.ts";
import { endDisruption } from "../verification/verify.ts";
import { enrollHost } from "./enroll.ts";
import {
  askForReset,
  findPresence,
  type NodePresence,
  type ResetAnswer,
  throwBlocker,
  tryLogin,
  waitForRegistration,
} from "./rejoin.ts";
import { releaseHost } from "./release.ts";
import { requireSameCluster } from "./same-cluster.ts";
import { diffEnrollment, type EnrollmentInputs, type EnrollmentOutputs } from "./state.ts";

/**
 * Applies a changed address or owner without touching the node: checks that the same machine answers there, and claims it
 * again when its marker is lost or has a former name of the stack.
 */
async function updateEnrollment(
  { ssh }: Operation,
  olds: EnrollmentOutputs,
  news: EnrollmentInputs,
): Promise<EnrollmentOutputs> {
  await using session = await openSession(news.host, ssh);
  const findings = await inspectHost(session);
  requireSameMachine(findings, { ...news, machineId: olds.machineId });
  const cluster = olds.clusterCa ?? findings.marker?.cluster ?? findings.caHashes[0];
  const isClaimed = findings.marker?.owner === news.owner;
  if (!isClaimed && cluster !== undefined) {
    await claimHost(session, { owner: news.owner, node: news.node, cluster }, olds.owner);
  }
  return { ...olds, ...news };
}

/** Finds out what becomes of an enrolled host. */
async function decide(
  operation: Operation,
  olds: EnrollmentOutputs,
  news: EnrollmentInputs,
): Promise<pulumi.dynamic.DiffResult> {
  const progress = operation.voice(news.__urn);
  await requireSameCluster(operation, olds);
  // Whatever else is done about it looks again.
  const presence = await findPresence(operation, olds, progress, durations.providers.sharedAnswer.atLeisure);
  const planned = diffEnrollment(olds, news, presence.kind !== "there");
  if (!planned.replaces?.length) {
    await tryLogin(operation, olds, progress);
    return planned;
  }
  const answer = await askForReset(operation, olds, progress);
  if (answer === "refused") return { ...planned, replaces: [] };
  const isMissing = await isToJoinAnew(operation, olds, answer, progress);
  if (olds.rejoinTrigger !== news.rejoinTrigger) operation.told.rejoins(olds.node);
  return diffEnrollment(olds, news, isMissing);
}

/** Says of an address that cannot be right so in the preview already; one behind a bastion is resolved there. */
async function warnOfUnknownName(operation: Operation, { host, __urn }: EnrollmentInputs): Promise<void> {
  if (typeof host?.address !== "string" || operation.isResolverSilent || operation.hasBastion) return;
  const answer = await resolveName(host.address);
  // The engine checks one host after another: a silent resolver costs its time once.
  if (answer === "silent") operation.isResolverSilent = true;
  if (answer === "unknown") await operation.voice(__urn).warn(unknownNameText(host.address));
}

/** A key that a program computes is known only now; of a declared one all was looked at before. */
function keyFailures({ host }: EnrollmentInputs): pulumi.dynamic.CheckFailure[] {
  const { hostKey } = host ?? {};
  const isRsa = typeof hostKey === "string" && hostKeyType(hostKey) === "ssh-rsa";
  const reason = isRsa ? hostKeyFault(hostKey) : undefined;
  return reason === undefined ? [] : [{ property: "host.hostKey", reason }];
}

/** Tells whether the host is to be reset and joined again for its Node's sake, and why, after it has answered. */
async function isToJoinAnew(
  operation: Operation,
  olds: EnrollmentOutputs,
  answer: Exclude<ResetAnswer, "refused">,
  progress: Progress,
): Promise<boolean> {
  if (answer === "joined" && (await waitForRegistration(operation, olds, progress)) === "registered")
    return false;
  const presence = await findPresence(operation, olds, progress);
  if (presence.kind === "there") return false;
  if (answer === "elsewhere") {
    await progress.warn(
      `node "${olds.node}" is not in the cluster, and its host serves as another Node now: it is left alone. Remove its entry, or give it another rejoinTrigger`,
    );
    return false;
  }
  operation.told.missing(olds.node);
  await progress.warn(whyJoinAnew(olds.node, presence));
  return true;
}

function whyJoinAnew(node: string, presence: Exclude<NodePresence, { readonly kind: "there" }>): string {
  if (presence.kind === "missing")
    return `node "${node}" is not in the cluster: its host will be reset and joined again. If the host still runs, restarting its kubelet brings the Node back as it was`;
  const since = presence.since === undefined ? "" : ` at ${presence.since}`;
  return `node "${node}" carries the mark of a reset of its host that began${since} and did not end: its host will be reset and joined again`;
}

/** One more node would be another input of all others, each of which the engine writes to the state by itself. */
function kept({ roster: _, ...inputs }: EnrollmentInputs): EnrollmentInputs {
  return inputs;
}

/** A host that is joined again comes before the roster is asked about, whose update then ends what this run did. */
async function endWithTheLast(operation: Operation, { node, __urn }: EnrollmentOutputs): Promise<void> {
  const { record, declaration } = operation;
  const isEnd = record.isLast(node) && declaration.roster !== undefined;
  // A machine that is lost alone is no work of this run that might have broken anything.
  if (!isEnd || (declaration.isLost(node) && !record.hasDrained)) return;
  await endDisruption(operation, operation.voice(operation.rosterUrn ?? __urn));
}

/** Hears what is declared of a host, and refuses a new one by what is known of it now. */
async function hearOf(
  operation: Operation,
  olds: Partial<EnrollmentInputs>,
  news: EnrollmentInputs,
): Promise<pulumi.dynamic.CheckResult> {
  operation.told.declared(news);
  const inputs = kept(news);
  if (olds.node !== undefined) return { inputs, failures: [] };
  // The engine asks for no diff of what is new.
  operation.told.decided(news.node);
  await warnOfUnknownName(operation, news);
  return { inputs, failures: keyFailures(news) };
}

/** Implements the calls. */
export const enrollmentCalls = (current: () => Operation) => ({
  check: (olds: Partial<EnrollmentInputs>, news: EnrollmentInputs) => hearOf(current(), olds, news),
  async diff(
    _id: string,
    olds: EnrollmentOutputs,
    news: EnrollmentInputs,
  ): Promise<pulumi.dynamic.DiffResult> {
    const operation = current();
    operation.told.declared(news);
    operation.told.inState(olds, news.node);
    operation.enrolled.set(news.node, olds);
    return operation.told.deciding(news.node, () => decide(operation, olds, news));
  },
  async create(inputs: EnrollmentInputs): Promise<pulumi.dynamic.CreateResult<EnrollmentOutputs>> {
    const operation = current();
    await requireApproved(operation, { node: inputs.node, owner: inputs.owner }, "joins");
    const outs = await enrollHost(operation, inputs, operation.voice(inputs.__urn));
    operation.unsettled.delete(inputs.node);
    // The id triggers the join command: each enrollment has its own.
    return { id: `${inputs.node}-${randomBytes(4).toString("hex")}`, outs };
  },
  async read(id: string, props: EnrollmentOutputs): Promise<pulumi.dynamic.ReadResult<EnrollmentOutputs>> {
    const operation = current();
    operation.enrolled.set(props.node, props);
    await requireSameCluster(operation, props);
    return { id, props };
  },
  async update(
    _id: string,
    olds: EnrollmentOutputs,
    news: EnrollmentInputs,
  ): Promise<pulumi.dynamic.UpdateResult<EnrollmentOutputs>> {
    const operation = current();
    operation.unsettled.add(olds.node);
    throwBlocker(operation, olds.node);
    const outs = await updateEnrollment(operation, olds, news);
    operation.unsettled.delete(olds.node);
    return { outs };
  },
  async delete(_id: string, props: EnrollmentOutputs): Promise<void> {
    const operation = current();
    operation.unsettled.add(props.node);
    operation.record.letsGo(props.node);
    await releaseHost(operation, operation.told.reached(props), operation.voice(props.__urn));
    await endWithTheLast(operation, props);
  },
});
