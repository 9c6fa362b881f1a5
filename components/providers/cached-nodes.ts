// One list of Nodes for everyone who asks at about the same time, so that fifty waits cost one request.
import type { KubeApi, Node } from "../kube/api.ts";
import type { Clock } from "../model/clock.ts";
import { durations } from "../model/durations.ts";

const { servesTimes, serves, silent } = durations.providers.nodeList;

/** Serves the cluster's Nodes. */
export class CachedNodes {
  readonly #clock: Clock;
  #latest: { readonly nodes: Promise<Node[]>; validUntil: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Lists the Nodes, at most a second old; a failure is the answer to all who ask in the next five seconds. */
  list(api: Pick<KubeApi, "listNodes">): Promise<Node[]> {
    if (this.#latest !== undefined && this.#clock.now() < this.#latest.validUntil) return this.#latest.nodes;
    const begun = this.#clock.now();
    const listed = { nodes: api.listNodes(), validUntil: Number.POSITIVE_INFINITY };
    this.#latest = listed;
    listed.nodes.then(
      () => {
        const took = this.#clock.now() - begun;
        const serving = Math.min(Math.max(servesTimes * took, serves.least), serves.most);
        listed.validUntil = this.#clock.now() + serving;
      },
      () => {
        listed.validUntil = this.#clock.now() + silent;
      },
    );
    return listed.nodes;
  }
}
