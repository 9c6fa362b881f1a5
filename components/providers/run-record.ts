// What a run did to nodes, noted while it does it, and which nodes it has still to let go.
import { noteThen, type PodsThen } from "../drain/outcome.ts";
import type { DrainSummary } from "../drain/summary.ts";
import type { Pod } from "../kube/api.ts";

/** One drain that has ended well. */
export interface Drained {
  readonly node: string;
  readonly pool: string;
  readonly summary: DrainSummary;
}

/** What has been noted since the last time that it was told. */
interface Noted {
  readonly drains: readonly Drained[];
  /** How the pods were before the first cordon; rejects where they could not be listed. */
  readonly before: Promise<PodsThen>;
  /** When that was, in seconds since 1970 on the cluster's clock. */
  readonly begunAt: number;
}

async function listed(listPods: () => Promise<readonly Pod[]>): Promise<PodsThen> {
  return noteThen(await listPods());
}

/** Notes what a run does. */
export class RunRecord {
  readonly #departing = new Set<string>();
  #drains: Drained[] = [];
  #before: Promise<PodsThen> | undefined;
  #begunAt = 0;

  /** Notes how the pods are before the first node is cordoned; once, and never fails. */
  async begin(now: number, listPods: () => Promise<readonly Pod[]>): Promise<void> {
    if (this.#before === undefined) {
      this.#begunAt = now;
      this.#before = listed(listPods);
    }
    // What is only measured keeps no run from its work.
    await this.#before.catch(() => undefined);
  }

  /** Notes a drain that has ended well. */
  drained(drain: Drained): void {
    if (drain.summary.nodeFound) this.#drains.push(drain);
  }

  /** Whether nodes were drained of which nothing was told yet. */
  get hasDrained(): boolean {
    return this.#drains.length > 0;
  }

  /** Returns what was noted, once. */
  take(): Noted | undefined {
    const [drains, before, begunAt] = [this.#drains, this.#before, this.#begunAt];
    this.#drains = [];
    this.#before = undefined;
    return before === undefined ? undefined : { drains, before, begunAt };
  }

  /** Notes that a node is about to go. The engine deletes all memberships before the first enrollment. */
  letsGo(node: string): void {
    this.#departing.add(node);
  }

  /** Notes that a node is gone; tells whether it was the last. */
  isLast(node: string): boolean {
    this.#departing.delete(node);
    return this.#departing.size === 0;
  }
}
