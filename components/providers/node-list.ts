// One list of Nodes for everyone who asks within a second, so that fifty waits cost one request.
import type { KubeApi, Node } from "../kube/api.ts";

const freshMilliseconds = 1000;
let latest: { readonly at: number; readonly nodes: Promise<Node[]> } | undefined;

/** Lists the cluster's Nodes, at most a second old. */
export function recentNodes(api: KubeApi): Promise<Node[]> {
  if (latest === undefined || Date.now() - latest.at > freshMilliseconds) {
    const nodes = api.listNodes();
    latest = { at: Date.now(), nodes };
    // A failed list must not be served to the next one who asks.
    nodes.catch(() => {
      if (latest?.nodes === nodes) latest = undefined;
    });
  }
  return latest.nodes;
}
