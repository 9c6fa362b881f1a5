// Moves pods by the rollout of their Deployment, whose surge starts new ones elsewhere before the old ones end: the pods of
// rules with action restart. No eviction is asked for, so that a budget which allows none is no obstacle.
import type { Pod } from "../kube/api.ts";
import { isConflict, isTransient, KubeError } from "../kube/kube-error.ts";
import { writeTime } from "../model/clock.ts";
import { durations } from "../model/durations.ts";
import { oneLine } from "../model/foreign-text.ts";
import type { DrainContext } from "./context.ts";
import { nodeStateAfterFailure } from "./drain-limits.ts";
import type { Ledger } from "./ledger.ts";
import { whyNotReady } from "./not-ready.ts";
import { isFinished, isServing, isTerminating, podController, podKey } from "./pod-filters.ts";
import { currentGroup } from "./pod-rules.ts";
import type { LedgerEntry } from "./pod-state.ts";
import { DrainError } from "./report.ts";
import { findRollout, nextStep, type PodRollout } from "./rollouts.ts";

/** Restarts each Deployment once, and follows its rollout. */
export class RolloutRestarts {
  readonly #context: DrainContext;
  readonly #ledger: Ledger;
  /** Deployments that this process has restarted, by uid. */
  readonly #restarted = new Set<string>();
  #nextAt = 0;

  constructor(context: DrainContext, ledger: Ledger) {
    this.#context = context;
    this.#ledger = ledger;
  }

  /**
   * Looks at the Deployments whose turn it is, every two seconds; the scheduler has heard of the cordon by the first time,
   * and until then nothing else is to go either: a right that is missing costs no pod. Tells whether others may go.
   * Throws DrainError when the rights do not allow it, KubeError when the server fails.
   */
  async advance(): Promise<boolean> {
    const { clock, cordonedAt } = this.#context;
    const group = currentGroup(this.#ledger.remaining);
    const entries = group.filter(({ verdict }) => verdict.action === "restart");
    const now = clock.now();
    if (entries.length === 0) return true;
    if (now < cordonedAt + durations.drain.settle) return false;
    if (now < this.#nextAt) return true;
    this.#nextAt = now + durations.drain.replacementLook;
    const byReplicaSet = Map.groupBy(entries, ({ pod }) => podController(pod)?.uid);
    for (const ofOne of byReplicaSet.values()) await this.#advance(ofOne);
    return true;
  }

  async #advance(entries: readonly LedgerEntry[]): Promise<void> {
    const [first] = entries;
    if (first === undefined) return;
    const found = await this.#patiently(() => findRollout(this.#context.api, first.pod));
    const tell = (why: string) => {
      for (const { uid } of entries) this.#ledger.restart(uid, why);
    };
    // What keeps no pod any more has its pods removed by the cluster.
    if (found === undefined) return tell("its Deployment is gone");
    const { isResumed, startedAt } = this.#context;
    const isOurs = this.#restarted.has(found.deployment.uid);
    const step = nextStep(found, { isOurs, resumedFrom: isResumed ? startedAt : undefined });
    if (step.kind === "give-up") {
      const stuck = await this.#describeStuck(found, first.pod);
      for (const { uid } of entries) this.#ledger.giveUp(uid, `${step.why}${stuck}`);
      return;
    }
    if (step.kind === "restart") await this.#restart(found, first.pod);
    tell(`waits for new pods of Deployment ${found.name}${await this.#describeStuck(found, first.pod)}`);
  }

  /** A Deployment that was changed meanwhile, by another drain of the run as well, is looked at again. */
  async #restart({ name, deployment }: PodRollout, { metadata }: Pod): Promise<void> {
    const { api, clock, onProgress } = this.#context;
    const namespace = metadata?.namespace ?? "";
    const seen = { uid: deployment.uid, version: deployment.rollout?.version ?? "" };
    try {
      await this.#patiently(() => api.restartRollout(namespace, name, seen, writeTime(clock.now())));
    } catch (error) {
      if (isConflict(error)) return;
      throw error;
    }
    this.#restarted.add(deployment.uid);
    onProgress(`Deployment ${namespace}/${name} restarted by rollout`);
    const reason = "restarted by rollout, so that new pods start before the old ones end";
    this.#ledger.note(reason, `${namespace}/Deployment ${name}`);
  }

  /** Names the first of the new pods that do not serve yet, and why; nothing when there is none. */
  async #describeStuck({ deployment }: PodRollout, old: Pod): Promise<string> {
    const { api } = this.#context;
    const pods = await api.listPodsSelected(old.metadata?.namespace ?? "", deployment.selector);
    const former = podController(old)?.uid;
    const [stuck, ...others] = pods
      .filter((pod) => podController(pod)?.uid !== former)
      .filter((pod) => !isServing(pod) && !isFinished(pod) && !isTerminating(pod))
      .sort((one, other) => (podKey(one) < podKey(other) ? -1 : 1));
    if (stuck === undefined) return "";
    return `: ${podKey(stuck)}${others.length > 0 ? ` and ${others.length} more` : ""}: ${whyNotReady(stuck)}`;
  }

  #patiently<T>(work: () => Promise<T>): Promise<T> {
    return work().catch((error: unknown) => {
      throw withoutRight(this.#context, error);
    });
  }
}

/** Says which right is missing where that is why a Deployment could not be read or restarted. */
export function withoutRight(context: DrainContext, error: unknown): unknown {
  const isRefused = error instanceof KubeError && error.failure.status === 403 && !isTransient(error);
  if (!isRefused) return error;
  const cause = `action restart in drain.rules needs a right that is missing: ${oneLine(error.message)}`;
  const remedy = `${nodeStateAfterFailure(context)} Grant get on replicasets, and get and patch on deployments of apps (with cluster.access declared, an administrator's "pulumi up" does), or declare another action, then run again.`;
  return new DrainError(context.nodeName, cause, [], remedy);
}
