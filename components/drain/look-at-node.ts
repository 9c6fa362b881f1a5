// One look at a node during a drain: what is to be done with each pod that is there.
import type { Pod } from "../kube/api.ts";
import { classifyPod } from "./classify.ts";
import type { DrainContext } from "./context.ts";
import type { Ledger } from "./ledger.ts";
import type { NodeWatch } from "./node-watch.ts";
import { isDaemonSetPod, podController } from "./pod-filters.ts";
import { ruleOf } from "./pod-rules.ts";
import type { ObservedPod } from "./pod-state.ts";
import type { Recreations } from "./recreation.ts";
import { withoutRight } from "./restart-rollouts.ts";
import { findRollout, type PodRollout } from "./rollouts.ts";

type Labels = Readonly<Record<string, string>>;

/** Judges pods, and remembers what it had to read for that. */
export class PodJudge {
  readonly #context: DrainContext;
  readonly #watch: NodeWatch;
  readonly #daemonSets = new Map<string, boolean>();
  readonly #namespaces = new Map<string, Labels>();
  readonly #rollouts = new Map<string, PodRollout | undefined>();

  constructor(context: DrainContext, watch: NodeWatch) {
    this.#context = context;
    this.#watch = watch;
  }

  /** Judges one pod. Throws KubeError. */
  async judge(pod: Pod): Promise<ObservedPod> {
    const { policy } = this.#context;
    const namespaceLabels = await this.#findNamespaceLabels(pod.metadata?.namespace ?? "");
    const verdict = classifyPod(pod, {
      policy,
      daemonSetExists: await this.#findDaemonSet(pod),
      namespaceLabels,
      rollout:
        ruleOf(pod, policy, namespaceLabels).action === "restart" ? await this.#findRollout(pod) : undefined,
      nodeUnreachable: this.#watch.isUnreachable,
      now: this.#context.clock.now(),
    });
    return { pod, verdict };
  }

  async #findDaemonSet(pod: Pod): Promise<boolean | undefined> {
    if (!isDaemonSetPod(pod)) return undefined;
    const namespace = pod.metadata?.namespace ?? "";
    const name = podController(pod)?.name ?? "";
    const key = `${namespace}/${name}`;
    const known = this.#daemonSets.get(key);
    if (known !== undefined) return known;
    const exists = (await this.#context.api.readDaemonSet(namespace, name)) !== undefined;
    this.#daemonSets.set(key, exists);
    return exists;
  }

  /** Reads a Deployment once for all pods of a revision: what becomes of it later is for its restart to see. */
  async #findRollout(pod: Pod): Promise<PodRollout | undefined> {
    const uid = podController(pod)?.uid ?? "";
    if (this.#rollouts.has(uid)) return this.#rollouts.get(uid);
    const found = await findRollout(this.#context.api, pod).catch((error: unknown) => {
      throw withoutRight(this.#context, error);
    });
    this.#rollouts.set(uid, found);
    return found;
  }

  /** Lists the namespaces once, and again for one that is new; no rule that asks, no list. */
  async #findNamespaceLabels(name: string): Promise<Labels> {
    const { api, policy } = this.#context;
    if (!policy.rules?.some((rule) => rule.namespaces)) return {};
    if (!this.#namespaces.has(name)) {
      for (const { metadata } of await api.listNamespaces())
        this.#namespaces.set(metadata?.name ?? "", metadata?.labels ?? {});
      // A namespace that vanished meanwhile must not be looked for again and again.
      if (!this.#namespaces.has(name)) this.#namespaces.set(name, {});
    }
    return this.#namespaces.get(name) ?? {};
  }
}

/** Enters all pods on the node in the ledger; returns whether there are any that were not seen before. Throws KubeError. */
export async function observePods(
  judge: PodJudge,
  ledger: Ledger,
  recreations: Recreations,
  pods: readonly Pod[],
): Promise<boolean> {
  const judged: ObservedPod[] = [];
  for (const pod of pods) {
    recreations.see(pod);
    judged.push(await judge.judge(pod));
  }
  const hasNew = ledger.see(judged);
  for (const { uid, pod, verdict } of ledger.remaining) {
    const loop = verdict.action === "evict" ? recreations.explainLoop(pod) : undefined;
    if (loop !== undefined) ledger.giveUp(uid, loop, true);
  }
  return hasNew;
}
