// Does to the API what the providers do when nodes leave: cordon all, then drain each when its turn has come.
import { text } from "node:stream/consumers";
import { drainNode } from "../../../components/drain/drain-node.ts";
import type { KubeApi } from "../../../components/kube/api.ts";
import { connectKube } from "../../../components/kube/connect.ts";
import type { DrainPolicy } from "../../../components/model/drain-policy.ts";
import { whenPoolAllows } from "../../../components/providers/membership/drain-member.ts";
import { markLeaving } from "../../../components/providers/roster/cordon-leaving.ts";
import type { RosterMember } from "../../../components/providers/roster/state.ts";
import type { OurJob } from "./ours.ts";

const pool = "bench";
const silent = {
  now: () => undefined,
  done: () => undefined,
  say: async () => undefined,
  warn: async () => undefined,
};

/** As in the update and delete of the Roster and the delete of a NodeMembership, without the look at the host. */
async function leave(api: KubeApi, member: RosterMember, job: OurJob): Promise<void> {
  await api.readNode(member.node);
  const policy: DrainPolicy = {
    timeoutSeconds: job.timeoutSeconds,
    deleteEmptyDirData: true,
    force: false,
  };
  const { owner, maxUnavailable } = job;
  await whenPoolAllows(api, { ...member, owner, drain: policy, maxUnavailable }, silent, async () => {
    await markLeaving(api, [member], owner);
    await drainNode(api, member.node, { policy, onProgress: () => undefined });
  });
}

const job = JSON.parse(await text(process.stdin)) as OurJob;
const api = connectKube({ kubeconfig: job.kubeconfig });
const members = job.nodes.map((node) => ({ node, pool }));
await markLeaving(api, members, job.owner);
await Promise.all(members.map((member) => leave(api, member, job)));
