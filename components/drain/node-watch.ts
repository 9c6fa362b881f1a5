// What happens to the Node itself while it is drained: someone uncordons it, its kubelet falls silent, it is deleted, or
// another machine registers under its name.
import type { Node } from "../kube/api.ts";
import { changeNodeRetrying } from "../kube/change-node.ts";
import { isTransient } from "../kube/kube-error.ts";
import { isUnreachable } from "../kube/node-ready.ts";
import { durations } from "../model/durations.ts";
import type { DrainContext } from "./context.ts";
import type { Ledger } from "./ledger.ts";
import { DrainError } from "./report.ts";

const recordons = 2;

/** Tells whether a Node that is seen now is the known one, or one that the same machine has registered since then. */
export function isSameMachine(known: Node, seen: Node): boolean {
  if (known.metadata?.uid === seen.metadata?.uid) return true;
  const machineId = known.status?.nodeInfo?.machineID;
  return machineId !== undefined && machineId !== "" && machineId === seen.status?.nodeInfo?.machineID;
}

/** What a look at the Node found: it is there, it is gone or another machine's has its name, or nobody can tell now. */
export type NodeLook = "there" | "gone" | "unknown";

/** Looks at the Node again and cordons it again when someone uncordoned it; throws DrainError when that goes on. */
export class NodeWatch {
  readonly #context: DrainContext;
  readonly #ledger: Ledger;
  #node: Node;
  /** How often someone has uncordoned the node so far. */
  uncordoned = 0;
  #nextAt: number;

  /** @param node the Node as it was cordoned */
  constructor(context: DrainContext, ledger: Ledger, node: Node) {
    this.#context = context;
    this.#ledger = ledger;
    this.#node = node;
    this.#nextAt = context.clock.now() + durations.drain.nodeLook;
  }

  /** The Node as last read. */
  get node(): Node {
    return this.#node;
  }

  /** Whether nobody ends the node's pods. */
  get isUnreachable(): boolean {
    return isUnreachable(this.#node, this.#context.clock.now());
  }

  /** Reads the Node if that was not done in the last seconds; takes it for unchanged otherwise. */
  async look(): Promise<NodeLook> {
    return this.#context.clock.now() < this.#nextAt ? "there" : this.lookNow();
  }

  /** Reads the Node. */
  async lookNow(): Promise<NodeLook> {
    const { api, clock, nodeName } = this.#context;
    this.#nextAt = clock.now() + durations.drain.nodeLook;
    try {
      return await this.#compare(await api.readNode(nodeName));
    } catch (error) {
      if (isTransient(error)) return "unknown";
      throw error;
    }
  }

  async #compare(node: Node | undefined): Promise<NodeLook> {
    if (node === undefined) return "gone";
    if (!isSameMachine(this.#node, node)) {
      this.#tell(
        "deleted during the drain; another machine has registered under its name, whose pods are left alone",
      );
      return "gone";
    }
    this.#node = node;
    if (node.spec?.unschedulable !== true) await this.#cordonAgain();
    return "there";
  }

  async #cordonAgain(): Promise<void> {
    const { nodeName, api } = this.#context;
    this.uncordoned++;
    if (this.uncordoned > recordons) {
      const cause = `someone uncordoned it ${this.uncordoned} times during the drain`;
      throw new DrainError(nodeName, cause, [], "Find out who does, then run again.");
    }
    await changeNodeRetrying(api, this.#node, (latest) =>
      latest.spec?.unschedulable === true || !isSameMachine(this.#node, latest)
        ? undefined
        : { unschedulable: true },
    );
    this.#tell("uncordoned by someone during the drain, and cordoned again");
  }

  #tell(reason: string): void {
    this.#ledger.note(reason, `Node ${this.#context.nodeName}`);
    this.#context.onProgress(reason);
  }
}
