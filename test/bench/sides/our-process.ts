// Does to the API what the providers do when nodes leave: cordon all, then drain each when its turn has come.
import { text } from "node:stream/consumers";
import { drainNode } from "../../../components/drain/drain-node.ts";
import { connectKube } from "../../../components/kube/connect.ts";
import type { DrainPolicy } from "../../../components/model/drain-policy.ts";
import type { RosterMember } from "../../../components/model/roster.ts";
import { markLeaving } from "../../../components/providers/cordon.ts";
import { whenPoolAllows } from "../../../components/providers/membership/drain-member.ts";
import { Operation } from "../../../components/providers/operation.ts";
import type { OurJob } from "./ours.ts";

const pool = "bench";
const silent = {
  now: () => undefined,
  done: () => undefined,
  say: async () => undefined,
  warn: async () => undefined,
};

/** As in the update and delete of the Roster and the delete of a NodeMembership, without the look at the host. */
async function leave(operation: Operation, member: RosterMember, job: OurJob): Promise<void> {
  await operation.kube.readNode(member.node);
  const policy: DrainPolicy = {
    timeoutSeconds: job.timeoutSeconds,
    deleteEmptyDirData: true,
    force: false,
  };
  const { owner, maxUnavailable } = job;
  await whenPoolAllows(operation, { ...member, owner, drain: policy, maxUnavailable }, silent, async () => {
    await markLeaving(operation, [member], owner);
    await drainNode(operation.kube, member.node, { policy, onProgress: () => undefined });
  });
}

const job = JSON.parse(await text(process.stdin)) as OurJob;
const kube = connectKube({ kubeconfig: job.kubeconfig });
const operation = new Operation({ get: () => undefined }, { kube });
const members = job.nodes.map((node) => ({ node, pool }));
await markLeaving(operation, members, job.owner);
await Promise.all(members.map((member) => leave(operation, member, job)));
