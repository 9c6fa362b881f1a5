// What a drain knows of its pods: each in one state, changed by what happens to it and by nothing else.
import type { EvictionAnswer, Pod } from "../kube/api.ts";
import { podKey } from "./pod-filters.ts";
import type { LedgerEntry, ObservedPod, PodState } from "./pod-state.ts";
import type { PodRemark } from "./report.ts";

// The permits of pods under one budget follow each other in milliseconds: only longer waits are worth counting.
const noticeable = 1;
const fresh: PodState = { kind: "waiting" };

/** Keeps the states of all pods of one drain, and what is to be told of them in the end. */
export class Ledger {
  readonly #states = new Map<string, PodState>();
  readonly #known = new Map<string, ObservedPod>();
  #present: readonly string[] = [];
  readonly #staying = new Map<string, ObservedPod>();
  /** What evictions cost, as judged before them: a pod that terminates is judged otherwise. */
  readonly #losses = new Map<string, readonly string[]>();
  /** Pods that their labels asked to wait for. */
  readonly #labelled = new Set<string>();
  readonly #evicted = new Set<string>();
  readonly #restarted = new Set<string>();
  readonly #deleted = new Set<string>();
  readonly #waited = new Set<string>();
  /** Pods as they were before they were told to go. */
  readonly #beforeIt = new Map<string, Pod>();
  /** When pods were told to go, by uid. */
  readonly #leftAt = new Map<string, number>();
  readonly #events = new Map<string, PodRemark>();
  /** Why the pods are not known for certain now; undefined when they are. */
  fault: string | undefined;

  /** Takes note of all pods that are on the node now; returns whether there are any that were not seen before. */
  see(pods: readonly ObservedPod[]): boolean {
    this.fault = undefined;
    const going = pods.filter(({ verdict }) => verdict.action !== "ignore");
    const hasNew = going.some(({ pod }) => !this.#known.has(uidOf(pod)));
    for (const one of going) {
      this.#known.set(uidOf(one.pod), one);
      if (!this.#leftAt.has(uidOf(one.pod))) this.#beforeIt.set(uidOf(one.pod), one.pod);
      if (one.verdict.action === "evict" || one.verdict.action === "restart")
        this.#losses.set(uidOf(one.pod), one.verdict.losses);
      if (one.verdict.action === "wait" && one.verdict.lossesIfDeleted) {
        this.#losses.set(uidOf(one.pod), one.verdict.lossesIfDeleted);
        this.#labelled.add(uidOf(one.pod));
      }
    }
    for (const one of pods) if (one.verdict.action === "ignore") this.#staying.set(uidOf(one.pod), one);
    this.#present = going.map(({ pod }) => uidOf(pod));
    return hasNew;
  }

  /** The pods that have to go and are still there. */
  get remaining(): LedgerEntry[] {
    return this.#present.flatMap((uid) => {
      const known = this.#known.get(uid);
      return known ? [{ uid, ...known, state: this.#states.get(uid) ?? fresh }] : [];
    });
  }

  /** All pods that had to go at some time. */
  get departing(): Pod[] {
    return [...this.#known.values()].map(({ pod }) => pod);
  }

  /** All pods that stay on the node. */
  get staying(): Pod[] {
    return [...this.#staying.values()].map(({ pod }) => pod);
  }

  /** How many pods had to go so far. */
  get size(): number {
    return this.#known.size;
  }

  /** How many requests are under way. */
  get asking(): number {
    return [...this.#states.values()].filter(({ kind }) => kind === "asked").length;
  }

  /** Whether anything was done to a pod, or may have been. */
  get hasActed(): boolean {
    return this.#evicted.size + this.#restarted.size + this.#deleted.size + this.asking > 0;
  }

  /** The rollout of its Deployment is to end it, and is so far. */
  restart(uid: string, why: string): void {
    if (!this.#restarted.has(uid)) this.#tellLosses(uid);
    this.#restarted.add(uid);
    if (this.#states.get(uid)?.kind !== "deleting") this.#states.set(uid, { kind: "restarting", why });
  }

  /** Its turn has not come. */
  wait(uid: string, why: string): void {
    const state = this.#states.get(uid) ?? fresh;
    if (state.kind === "waiting" || state.kind === "held") this.#states.set(uid, { kind: "waiting", why });
  }

  /** A budget holds it back, so that it was not asked for. */
  hold(uid: string, why: string, now: number): void {
    const state = this.#states.get(uid) ?? fresh;
    const { since, failures } = state.kind === "held" ? state : { since: now, failures: 0 };
    const isStranded = state.kind === "held" && state.isStranded;
    const held = { kind: "held", why, since, failures, retryAt: now, isByBudget: true } as const;
    this.#states.set(uid, { ...held, ...(isStranded && { isStranded }) });
    if (now - since >= noticeable) this.#waited.add(uid);
  }

  /** No node, or one again, takes the pods that the budget of a held one waits for. */
  strand(uid: string, isStranded: boolean): void {
    const state = this.#states.get(uid);
    if (state?.kind !== "held") return;
    const { isStranded: _, ...rest } = state;
    this.#states.set(uid, isStranded ? { ...rest, isStranded } : rest);
  }

  /** A request about it begins. */
  ask(uid: string): void {
    const state = this.#states.get(uid) ?? fresh;
    if (state.kind !== "asked") this.#states.set(uid, { kind: "asked", before: state });
  }

  /** The request has ended without an answer. */
  unanswered(uid: string): void {
    const state = this.#states.get(uid);
    if (state?.kind === "asked") this.#states.set(uid, state.before);
  }

  /** The server has answered a request for its eviction; `why` says so in words. */
  answer(
    uid: string,
    answer: EvictionAnswer,
    why: string,
    now: number,
    retryAfter: (failures: number) => number,
  ): void {
    const state = this.#states.get(uid) ?? fresh;
    const before = state.kind === "asked" ? state.before : state;
    if (answer.kind === "evicted") this.#evict(uid, now);
    if (answer.kind === "blocked") this.#waited.add(uid);
    const former = before.kind === "held" ? before : { since: now, failures: 0 };
    const failures = answer.kind === "transient" ? former.failures + 1 : 0;
    const retryAt = now + retryAfter(failures);
    const isGoing = answer.kind === "evicted" || answer.kind === "gone";
    const isStranded = before.kind === "held" && before.isStranded;
    const isByBudget = answer.kind === "blocked";
    const held = { kind: "held", why, since: former.since, retryAt, failures, isByBudget } as const;
    this.#states.set(
      uid,
      isGoing ? { kind: "evicted", retryAt } : { ...held, ...(isStranded && { isStranded }) },
    );
  }

  /** Its deletion past its budgets was accepted, or it was gone. */
  delete(uid: string, wasThere: boolean, retryAt: number, now: number): void {
    this.#states.set(uid, { kind: "deleting", retryAt });
    if (!wasThere) return;
    this.#leave(uid, now);
    this.#deleted.add(uid);
    const what = this.#labelled.has(uid) ? "before they had completed" : "past their budgets";
    this.#tell(uid, `deleted ${what} (drain.onTimeout: deletePods)`);
    this.#tellLosses(uid);
  }

  /** Its deletion past its budgets failed. */
  failDeletion(uid: string, fault: string, retryAt: number): void {
    this.#states.set(uid, { kind: "deleting", retryAt, fault });
  }

  /** Asking again cannot help; a request that is under way is heard first. */
  giveUp(uid: string, why: string, isLoop = false): void {
    if (this.#states.get(uid)?.kind === "asked") return;
    this.#states.set(uid, { kind: "hopeless", why, isLoop });
  }

  /** Something happened that is told in the end, however the drain ends. */
  note(reason: string, subject: string): void {
    this.#events.set(`${subject} ${reason}`, { reason, pod: subject });
  }

  /** What happened so far, and what was lost by it. */
  get events(): PodRemark[] {
    return [...this.#events.values()];
  }

  /** What happened, and what was left where it is. */
  get consequences(): PodRemark[] {
    const left = [...this.#staying.values()].flatMap(({ pod, verdict }) =>
      verdict.action === "ignore" && verdict.reason ? [{ reason: verdict.reason, pod: podKey(pod) }] : [],
    );
    return [...this.events, ...left];
  }

  /** Numbers of pods by what was done with them. */
  get counts(): Readonly<Record<"evicted" | "restarted" | "deleted" | "waited", number>> {
    const [evicted, restarted] = [this.#evicted.size, this.#restarted.size];
    return { evicted, restarted, deleted: this.#deleted.size, waited: this.#waited.size };
  }

  /** The pods that were told to go, and when. */
  get moved(): readonly { readonly pod: Pod; readonly at: number }[] {
    return [...this.#leftAt].flatMap(([uid, at]) => {
      const pod = this.#beforeIt.get(uid);
      return pod === undefined ? [] : [{ pod, at }];
    });
  }

  #leave(uid: string, now: number): void {
    if (!this.#leftAt.has(uid)) this.#leftAt.set(uid, now);
  }

  #evict(uid: string, now: number): void {
    this.#evicted.add(uid);
    this.#leave(uid, now);
    this.#tellLosses(uid);
  }

  #tellLosses(uid: string): void {
    for (const loss of this.#losses.get(uid) ?? []) this.#tell(uid, loss);
  }

  #tell(uid: string, reason: string): void {
    const pod = this.#known.get(uid)?.pod;
    if (pod) this.#events.set(`${uid} ${reason}`, { reason, pod: podKey(pod) });
  }
}

function uidOf(pod: Pod): string {
  return pod.metadata?.uid ?? "";
}
