// One list of Nodes for everyone who asks within a second, so that fifty waits cost one request.
import type { KubeApi, Node } from "../kube/api.ts";

const freshMilliseconds = 1000;
// Diffs run one after another: a silent server must cost its time limit once, not once a host.
const silentMilliseconds = 5000;
let latest: { readonly nodes: Promise<Node[]>; validUntil: number } | undefined;

/** Lists the cluster's Nodes, at most a second old; a failure is the answer to all who ask in the next five seconds. */
export function recentNodes(api: KubeApi): Promise<Node[]> {
  if (latest !== undefined && Date.now() < latest.validUntil) return latest.nodes;
  const listed = { nodes: api.listNodes(), validUntil: Date.now() + freshMilliseconds };
  latest = listed;
  listed.nodes.catch(() => {
    listed.validUntil = Date.now() + silentMilliseconds;
  });
  return listed.nodes;
}
