// Keeps a list current: lists once, then watches, and goes on after whatever ends a watch.
// Which failures need a new list: client-go tools/cache/reflector.go.
import { ApiException, type ConfigurationOptions, type V1Status } from "@kubernetes/client-node";
import { ObjectSerializer } from "@kubernetes/client-node/dist/serializer.js";
import { durations } from "../model/durations.ts";
import type { Followed } from "./api.ts";
import { asTold, failureText } from "./as-told.ts";
import { KubeError, type KubeFailure } from "./kube-error.ts";
import type { PageCall, Requester, Snapshot } from "./request.ts";
import { openWatch, type WatchEvent } from "./watch-events.ts";

/** Names what to follow. */
interface FollowTarget<Item> {
  /** The objects in words, such as `the pods of Node "w1"`. */
  readonly object: string;
  /** Type of one object in the generated client, such as `V1Pod`. */
  readonly type: string;
  /** Lists them, or watches them when the query says so. */
  readonly call: PageCall<Item>;
}

interface Tracked {
  readonly metadata?: { readonly uid?: string; readonly resourceVersion?: string };
}

// The server ends a watch after its time; one that lasts longer has a connection that died without a word.
const silenceFactor = 1.2;

/**
 * Lists and then follows the target over watches of `watchSeconds`; resolves once the first watch stands or has failed
 * for a moment. Throws KubeError when the first list fails or the first watch is refused.
 */
export async function follow<Item extends Tracked>(
  requester: Requester,
  target: FollowTarget<Item>,
  watchSeconds: number,
): Promise<Followed<Item>> {
  const snapshot = await requester.snapshot(target.object, target.call);
  const follower = new Follower(requester, target, watchSeconds, snapshot);
  try {
    await follower.begun;
    return follower;
  } catch (error) {
    follower[Symbol.dispose]();
    throw error;
  }
}

class Follower<Item extends Tracked> implements Followed<Item> {
  readonly #requester: Requester;
  readonly #target: FollowTarget<Item>;
  readonly #watchSeconds: number;
  readonly #ended = new AbortController();
  readonly #begun = Promise.withResolvers<void>();
  readonly #listeners = new Set<() => void>();
  #items = new Map<string, Item>();
  /** Where the next watch begins; undefined when only a new list can tell. */
  #version: string | undefined;
  #fault: string | undefined;
  #failures = 0;

  constructor(
    requester: Requester,
    target: FollowTarget<Item>,
    watchSeconds: number,
    snapshot: Snapshot<Item>,
  ) {
    this.#requester = requester;
    this.#target = target;
    this.#watchSeconds = watchSeconds;
    this.#replace(snapshot);
    void this.#run();
  }

  /** Rejects when the first watch is refused in a way that asking again does not change. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  items(): readonly Item[] {
    return [...this.#items.values()];
  }

  fault(): string | undefined {
    return this.#fault;
  }

  onChange(listener: () => void): () => void {
    const own = () => listener();
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  [Symbol.dispose](): void {
    this.#listeners.clear();
    this.#ended.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      try {
        await this.#relistWhenLost();
        await this.#watch();
      } catch (error) {
        if (!signal.aborted) await this.#recover(error);
      }
    }
  }

  async #relistWhenLost(): Promise<void> {
    if (this.#version !== undefined) return;
    const { object, call } = this.#target;
    this.#replace(await this.#requester.snapshot(object, call, this.#ended.signal));
    this.#changed();
  }

  /** Follows one watch to its end; throws when that is not the end which the server promised. */
  async #watch(): Promise<void> {
    const label = { verb: "watching", object: this.#target.object };
    const openedAt = this.#requester.clock.now();
    let batches = 0;
    const watchToEnd = async (options: ConfigurationOptions) => {
      const events = await openWatch((opened) => this.#target.call(this.#watchQuery(), opened), options);
      this.#setFault(undefined);
      this.#begun.resolve();
      for await (const batch of events) {
        batches++;
        this.#apply(batch);
      }
    };
    const limit = { ended: this.#ended.signal, seconds: this.#watchSeconds * silenceFactor };
    await this.#requester.once(label, watchToEnd, limit);
    if (batches === 0 && this.#requester.clock.now() - openedAt < durations.kube.shortestWatch)
      throw new KubeError({ ...label, text: "the server ends the watch at once", transient: true });
    this.#failures = 0;
  }

  #watchQuery() {
    const resourceVersion = this.#version ?? "";
    return {
      watch: true,
      allowWatchBookmarks: true,
      timeoutSeconds: this.#watchSeconds,
      resourceVersion,
    };
  }

  #replace(snapshot: Snapshot<Item>): void {
    this.#items = new Map(snapshot.items.map((item) => [item.metadata?.uid ?? "", item]));
    this.#version = snapshot.version;
  }

  #apply(batch: readonly WatchEvent[]): void {
    for (const event of batch) this.#applyEvent(event);
    this.#failures = 0;
    if (batch.some(({ type }) => type !== "BOOKMARK")) this.#changed();
  }

  #applyEvent({ type, object }: WatchEvent): void {
    if (type === "ERROR") {
      this.#version = undefined;
      throw new ApiException((object as V1Status).code ?? 500, "watch", object, {});
    }
    const item: Item = asTold(ObjectSerializer.deserialize(object, this.#target.type));
    const uid = item.metadata?.uid ?? "";
    if (type === "DELETED") this.#items.delete(uid);
    else if (type !== "BOOKMARK") this.#items.set(uid, item);
    this.#version = item.metadata?.resourceVersion;
  }

  async #recover(error: unknown): Promise<void> {
    const failure = error instanceof KubeError ? error.failure : undefined;
    if (failure && !failure.transient && failure.status !== 410) this.#begun.reject(error);
    else this.#begun.resolve();
    if (failure && needsNewList(failure)) this.#version = undefined;
    // An expired version is how watches end now and then; nothing is known to be wrong before the new list fails.
    if (failure?.status !== 410)
      this.#setFault(failureText(error instanceof Error ? error.message : String(error)));
    const { signal } = this.#ended;
    const pause = pauseAfter(this.#failures++, failure?.retryAfterSeconds);
    await this.#requester.clock.sleep(pause, signal).catch(() => undefined); // disposed: #run ends
  }

  #setFault(fault: string | undefined): void {
    if (fault === this.#fault) return;
    this.#fault = fault;
    this.#changed();
  }

  // Each listener in a microtask of its own: what it throws is not taken for a failure of the watch.
  #changed(): void {
    for (const listener of this.#listeners)
      queueMicrotask(() => {
        if (this.#listeners.has(listener)) listener();
      });
  }
}

/** Tells whether a watch cannot go on from where it was; overload and lost connections leave it valid. */
function needsNewList({ status }: KubeFailure): boolean {
  return status !== undefined && status !== 429 && status < 500;
}

/** Returns the pause after so many failures in a row, with up to 25 % of jitter, in seconds. */
function pauseAfter(failures: number, wished = 0): number {
  const { first, longest, longestWish } = durations.kube.watchAgain;
  return Math.max(
    Math.min(first * 2 ** failures, longest) * (1 + Math.random() / 4),
    Math.min(wished, longestWish),
  );
}
