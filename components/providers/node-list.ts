// One list of Nodes for everyone who asks at about the same time, so that fifty waits cost one request.
import type { KubeApi, Node } from "../kube/api.ts";

// A list serves for ten times as long as it took, within bounds: a small cluster is looked at four times a second.
const servesTimes = 10;
const [shortestMilliseconds, longestMilliseconds] = [250, 1000];
// Diffs run one after another: a silent server must cost its time limit once, not once a host.
const silentMilliseconds = 5000;
let latest: { readonly nodes: Promise<Node[]>; validUntil: number } | undefined;

/** Lists the cluster's Nodes, at most a second old; a failure is the answer to all who ask in the next five seconds. */
export function recentNodes(api: KubeApi): Promise<Node[]> {
  if (latest !== undefined && Date.now() < latest.validUntil) return latest.nodes;
  const begun = Date.now();
  const listed = { nodes: api.listNodes(), validUntil: Number.POSITIVE_INFINITY };
  latest = listed;
  listed.nodes.then(
    () => {
      listed.validUntil = Date.now() + servingTime(Date.now() - begun);
    },
    () => {
      listed.validUntil = Date.now() + silentMilliseconds;
    },
  );
  return listed.nodes;
}

function servingTime(took: number): number {
  return Math.min(Math.max(servesTimes * took, shortestMilliseconds), longestMilliseconds);
}
