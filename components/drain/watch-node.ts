// What happens to the Node itself while it is drained: someone uncordons it, its kubelet falls silent, it is deleted.
import { changeNodeRetrying } from "../kube/change-node.ts";
import { isTransient } from "../kube/kube-error.ts";
import { DrainError } from "./drain-error.ts";
import type { DrainRun } from "./drain-run.ts";

const lookEveryMs = 5000;
const recordons = 2;

/** Looks at the Node again and cordons it again when someone uncordoned it; throws DrainError when that goes on. */
export class NodeWatch {
  readonly #run: DrainRun;
  /** How often someone has uncordoned the node so far. */
  uncordoned = 0;
  #nextAt: number;

  constructor(run: DrainRun) {
    this.#run = run;
    this.#nextAt = run.clock.now() + lookEveryMs;
  }

  /** Reads the Node once in five seconds; returns false when it is gone. */
  async look(): Promise<boolean> {
    const run = this.#run;
    if (run.clock.now() < this.#nextAt) return true;
    this.#nextAt = run.clock.now() + lookEveryMs;
    const node = await run.api.readNode(run.nodeName).catch((error: unknown) => {
      if (!isTransient(error)) throw error;
      return run.node;
    });
    if (node === undefined) return false;
    run.node = node;
    if (node.spec?.unschedulable !== true) await this.#cordonAgain();
    return true;
  }

  async #cordonAgain(): Promise<void> {
    const { nodeName, api, node, warnings } = this.#run;
    this.uncordoned++;
    if (this.uncordoned > recordons) {
      const cause = `someone uncordoned it ${this.uncordoned} times during the drain`;
      throw new DrainError(nodeName, cause, [], "Find out who does, then run again.");
    }
    await changeNodeRetrying(api, node, ({ spec }) =>
      spec?.unschedulable === true ? undefined : { unschedulable: true },
    );
    const reason = "uncordoned by someone during the drain, and cordoned again";
    warnings.set(reason, { reason, pod: `Node ${nodeName}` });
    this.#run.onProgress(reason);
  }
}
