// The calls that Pulumi makes for a HostEnrollment.
import { randomBytes } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import { kubeApi, sshCredentials } from "../connections.ts";
import { progressOf } from "../progress.ts";
import { diffEnrollment } from "./diff.ts";
import { enrollHost } from "./enroll.ts";
import { askForReset, throwObstacle } from "./obstacle.ts";
import { isNeverRegistered, isNodeMissing } from "./presence.ts";
import { releaseHost } from "./release.ts";
import type { EnrollmentInputs, EnrollmentOutputs } from "./state.ts";
import { updateEnrollment } from "./update.ts";

const connect = () => [kubeApi(), sshCredentials()] as const;

/** Implements the calls. */
export const enrollmentCalls = {
  async check(_olds: EnrollmentInputs, news: EnrollmentInputs): Promise<pulumi.dynamic.CheckResult> {
    return { inputs: news, failures: [] };
  },
  async diff(
    _id: string,
    olds: EnrollmentOutputs,
    news: EnrollmentInputs,
  ): Promise<pulumi.dynamic.DiffResult> {
    const progress = progressOf(news.__urn);
    const planned = diffEnrollment(olds, news, await isNodeMissing(olds, kubeApi, progress));
    if (!planned.replaces?.length) return planned;
    const answer = await askForReset(connect, olds, progress);
    if (answer === "refused") return { ...planned, replaces: [] };
    const isMissing = answer === "joined" ? isNeverRegistered : isNodeMissing;
    const missing = await isMissing(olds, kubeApi, progress);
    if (missing) {
      await progress.warn(
        `node "${olds.node}" is not in the cluster: its host will be reset and joined again`,
      );
    }
    return diffEnrollment(olds, news, missing);
  },
  async create(inputs: EnrollmentInputs): Promise<pulumi.dynamic.CreateResult<EnrollmentOutputs>> {
    const outs = await enrollHost(kubeApi(), sshCredentials(), inputs, progressOf(inputs.__urn));
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
    throwObstacle(olds.node);
    return { outs: await updateEnrollment(sshCredentials(), olds, news) };
  },
  async delete(_id: string, props: EnrollmentOutputs): Promise<void> {
    await releaseHost(kubeApi(), sshCredentials(), props, progressOf(props.__urn));
  },
};
