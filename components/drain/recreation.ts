// Notices controllers that put a pod back onto the cordoned node each time it is evicted: a drain would go on for ever
// (cilium#28549, tetragon#3484). Pure.
import type { Pod } from "../kube/api.ts";
import { podController, podOwner } from "./pod-filters.ts";

/** Pods of one controller on the node being drained. */
interface ControllerPods {
  readonly owner: string;
  /** Uids of pods that were there before any of them was evicted. */
  readonly original: Set<string>;
  /** Uids of pods that came after an eviction. */
  readonly late: Set<string>;
  evicted: boolean;
}

const rounds = 3;

/** Counts, by controller, the pods that came after the eviction of others of theirs. */
export class Recreations {
  readonly #byController = new Map<string, ControllerPods>();

  /** Notes a pod that is on the node now. */
  see(pod: Pod): void {
    const pods = this.#podsOf(pod);
    const uid = pod.metadata?.uid ?? "";
    if (pods === undefined || pods.original.has(uid)) return;
    (pods.evicted ? pods.late : pods.original).add(uid);
  }

  /** Notes that a pod's eviction was accepted. */
  evict(pod: Pod): void {
    const pods = this.#podsOf(pod);
    if (pods) pods.evicted = true;
  }

  /** Says which controller has replaced all its pods on this node several times over; undefined for others. */
  explainLoop(pod: Pod): string | undefined {
    const pods = this.#podsOf(pod);
    if (pods === undefined || pods.late.size < rounds * pods.original.size) return undefined;
    return `${pods.owner} creates its pods again on the cordoned node, ${pods.late.size} times so far; a rule in drain.rules can skip them`;
  }

  #podsOf(pod: Pod): ControllerPods | undefined {
    const controller = podController(pod)?.uid;
    if (controller === undefined) return undefined;
    const known = this.#byController.get(controller);
    if (known) return known;
    const fresh = {
      owner: podOwner(pod),
      original: new Set<string>(),
      late: new Set<string>(),
      evicted: false,
    };
    this.#byController.set(controller, fresh);
    return fresh;
  }
}
