// How many pods of each owner were Ready before the drain evicted the first of them: noted on the Node before that, so
// that a run after a kill or a failure waits for the same.
import type { OwnerReference, Pod, Workload } from "../kube/api.ts";
import { isTransient, KubeError } from "../kube/kube-error.ts";
import { replacementSeconds } from "../model/drain-policy.ts";
import { oneLine } from "../model/foreign-text.ts";
import { type NotedOwner, readinessNote } from "../model/readiness-note.ts";
import { changeKnown } from "./begin-drain.ts";
import type { DrainContext } from "./context.ts";
import { nodeStateAfterFailure } from "./drain-limits.ts";
import type { Ledger } from "./ledger.ts";
import type { NodeWatch } from "./node-watch.ts";
import { isDaemonSetPod, isFinished, isServing, podController } from "./pod-filters.ts";
import { DrainError } from "./report.ts";

/** Names an owner as people write it, such as `shop/Deployment cart`. */
export function notedName({
  namespace,
  kind,
  name,
}: Pick<NotedOwner, "namespace" | "kind" | "name">): string {
  return `${namespace}/${kind} ${name}`;
}

const underWay = new WeakMap<object, Set<Readiness>>();

/** What one drain knows of the owners of its pods. */
export class Readiness {
  readonly #context: DrainContext;
  readonly #ledger: Ledger;
  readonly #watch: NodeWatch;
  readonly #noted = new Map<string, NotedOwner>();
  /** Controllers of pods whose owners need not be looked for again, by uid. */
  readonly #seen = new Set<string>();
  readonly #isAltered: boolean;
  #isWritten = true;

  constructor(context: DrainContext, ledger: Ledger, watch: NodeWatch) {
    this.#context = context;
    this.#ledger = ledger;
    this.#watch = watch;
    const note = readinessNote.read(watch.node);
    this.#isAltered = note === "altered";
    if (note !== "altered") for (const owner of note) this.#noted.set(owner.uid, owner);
    this.#siblings.add(this);
  }

  /** The owners whose pods are waited for. */
  get owners(): readonly NotedOwner[] {
    return [...this.#noted.values()];
  }

  /**
   * Notes the owners of pods that are about to be evicted, or to end by a restart of their owners, on the Node too. Throws
   * DrainError when the rights do not allow it, KubeError when the server fails.
   */
  async note(evicted: readonly Pod[], restarted: readonly Pod[] = []): Promise<void> {
    if (replacementSeconds(this.#context.policy) === undefined) return;
    this.requireIntact();
    await this.#noteAll(restarted, true);
    await this.#noteAll(evicted, false);
    if (this.#isWritten) return;
    await changeKnown(this.#context.api, this.#watch.node, () => readinessNote.plan(this.owners));
    this.#isWritten = true;
  }

  /** Throws DrainError when someone has changed what was noted: who waits for less than that waits for nothing. */
  requireIntact(): void {
    if (!this.#isAltered) return;
    const { nodeName } = this.#context;
    const cause =
      "what was Ready before it began is not known any more: someone changed the note on its Node";
    const remedy = `${nodeStateAfterFailure(this.#context)} Look after the workloads, then run "kubectl label node ${nodeName} ${readinessNote.label}-" and run again.`;
    throw new DrainError(nodeName, cause, [], remedy);
  }

  /** Takes the note off the Node: the drain is done. */
  async forget(): Promise<void> {
    if (this.#noted.size === 0 && !readinessNote.isOn(this.#watch.node)) return;
    await changeKnown(this.#context.api, this.#watch.node, (latest) =>
      readinessNote.isOn(latest) ? readinessNote.without(latest, {}) : undefined,
    );
  }

  /** No other drain of the run goes by what this one noted any more. */
  [Symbol.dispose](): void {
    this.#siblings.delete(this);
  }

  async #noteAll(pods: readonly Pod[], isRestarted: boolean): Promise<void> {
    await Promise.all(
      [...this.#newControllers(pods)].map(async ([uid, { namespace, controller }]) => {
        await this.#noteOwner(namespace, controller, isRestarted);
        this.#seen.add(uid);
      }),
    );
  }

  #newControllers(pods: readonly Pod[]) {
    const found = new Map<string, { readonly namespace: string; readonly controller: OwnerReference }>();
    for (const pod of pods) {
      const controller = podController(pod);
      const isKept = controller !== undefined && !isDaemonSetPod(pod) && !isFinished(pod);
      if (isKept && !this.#seen.has(controller.uid))
        found.set(controller.uid, { namespace: pod.metadata?.namespace ?? "", controller });
    }
    return found;
  }

  /** Of a Deployment that the drain itself restarts, another revision is what is waited for. */
  async #noteOwner(namespace: string, controller: OwnerReference, isRestarted: boolean): Promise<void> {
    const { api } = this.#context;
    const found = await this.#findOwner(namespace, controller);
    if (found === undefined || this.#noted.has(found.workload.uid)) return;
    const { owner, workload } = found;
    const { uid, selector, revision } = workload;
    const { apiVersion, kind, name } = owner;
    const now = (await api.listPodsSelected(namespace, selector)).filter(isServing).length;
    const ready = Math.max(now, this.#readyBefore(uid));
    this.#noted.set(uid, {
      ...{ apiVersion, kind, namespace, name, uid, ready },
      ...(revision !== undefined && !isRestarted && { revision }),
    });
    this.#isWritten = false;
  }

  /** What other drains have taken away and wait for was Ready before. */
  #readyBefore(uid: string): number {
    return Math.max(0, ...[...this.#siblings].map((other) => other.#noted.get(uid)?.ready ?? 0));
  }

  get #siblings(): Set<Readiness> {
    const { api } = this.#context;
    const known = underWay.get(api) ?? new Set();
    underWay.set(api, known);
    return known;
  }

  /** A ReplicaSet's pods are those of its Deployment, or of what else made it, if that keeps a number of pods. */
  async #findOwner(namespace: string, controller: OwnerReference) {
    const workload = await this.#read(namespace, controller);
    const maker = controller.kind === "ReplicaSet" ? workload?.controller : undefined;
    const above = maker && (await this.#read(namespace, maker));
    if (maker && above) return { owner: maker, workload: above };
    return workload && { owner: controller, workload };
  }

  /** Kinds that others made may be out of reach of the rights; those of Kubernetes must not be. */
  async #read(namespace: string, owner: OwnerReference): Promise<Workload | undefined> {
    try {
      return await this.#context.api.readWorkload(namespace, owner);
    } catch (error) {
      if (!(error instanceof KubeError) || isTransient(error)) throw error;
      if (owner.apiVersion === "apps/v1") throw this.#lacksRight(error);
      const reason = `replacements not waited for: ${oneLine(error.message)}`;
      this.#ledger.note(reason, notedName({ namespace, ...owner }));
      return undefined;
    }
  }

  #lacksRight(error: KubeError): DrainError {
    const cause = `drain.waitForReplacements needs a right that is missing; no pod was evicted: ${oneLine(error.message)}`;
    const remedy = `${nodeStateAfterFailure(this.#context)} Grant get on deployments, replicasets and statefulsets of apps (with cluster.access declared, an administrator's "pulumi up" does), or set drain.waitForReplacements: false, then run again.`;
    return new DrainError(this.#context.nodeName, cause, [], remedy);
  }
}
