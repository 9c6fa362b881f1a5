// The calls that Pulumi makes for a HostEnrollment.
import { randomBytes } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import { openSession } from "../../ssh/session.ts";
import { claimHost, inspectHost, requireSameMachine } from "../host.ts";
import type { Operation } from "../operation.ts";
import { enrollHost } from "./enroll.ts";
import { askForReset, isNodeMissing, throwBlocker, waitForRegistration } from "./rejoin.ts";
import { releaseHost } from "./release.ts";
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

/** Implements the calls. */
export const enrollmentCalls = (current: () => Operation) => ({
  async check(_olds: EnrollmentInputs, news: EnrollmentInputs): Promise<pulumi.dynamic.CheckResult> {
    current().told.declared(news);
    return { inputs: news, failures: [] };
  },
  async diff(
    _id: string,
    olds: EnrollmentOutputs,
    news: EnrollmentInputs,
  ): Promise<pulumi.dynamic.DiffResult> {
    const operation = current();
    operation.told.declared(news);
    operation.told.inState(olds, news.node);
    const progress = operation.voice(news.__urn);
    const planned = diffEnrollment(olds, news, await isNodeMissing(operation, olds, progress));
    if (!planned.replaces?.length) return planned;
    const answer = await askForReset(operation, olds, progress);
    if (answer === "refused") return { ...planned, replaces: [] };
    const isMissing =
      answer === "joined"
        ? (await waitForRegistration(operation, olds, progress)) === "missing"
        : await isNodeMissing(operation, olds, progress);
    if (isMissing) {
      operation.told.missing(olds.node);
      await progress.warn(
        `node "${olds.node}" is not in the cluster: its host will be reset and joined again. If the host still runs, restarting its kubelet brings the Node back as it was`,
      );
    }
    return diffEnrollment(olds, news, isMissing);
  },
  async create(inputs: EnrollmentInputs): Promise<pulumi.dynamic.CreateResult<EnrollmentOutputs>> {
    const operation = current();
    const outs = await enrollHost(operation, inputs, operation.voice(inputs.__urn));
    // The id triggers the join command: each enrollment has its own.
    return { id: `${inputs.node}-${randomBytes(4).toString("hex")}`, outs };
  },
  async read(id: string, props: EnrollmentOutputs): Promise<pulumi.dynamic.ReadResult<EnrollmentOutputs>> {
    return { id, props };
  },
  async update(
    _id: string,
    olds: EnrollmentOutputs,
    news: EnrollmentInputs,
  ): Promise<pulumi.dynamic.UpdateResult<EnrollmentOutputs>> {
    throwBlocker(current(), olds.node);
    return { outs: await updateEnrollment(current(), olds, news) };
  },
  async delete(_id: string, props: EnrollmentOutputs): Promise<void> {
    await releaseHost(current(), props, current().voice(props.__urn));
  },
});
