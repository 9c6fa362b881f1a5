// A cluster with one node to drain, played in memory, for what a drain does with its answers; how the real server
// answers is tested in test/provider/drain.
import type { DrainApi } from "../../../components/drain/context.ts";
import { drainNode } from "../../../components/drain/drain-node.ts";
import type { DrainSummary } from "../../../components/drain/summary.ts";
import type {
  Budget,
  EvictionAnswer,
  Followed,
  Node,
  OwnerName,
  Pod,
  PodIdentity,
  SeenRollout,
  VolumeAttachment,
  Workload,
} from "../../../components/kube/api.ts";
import type { DrainPolicy } from "../../../components/model/drain-policy.ts";
import { parseSelector, selects } from "../../../components/model/selector.ts";
import { type LeapingClock, leapingClock } from "../../support/clocks.ts";

/** Builds a Node of a machine. */
export function machine(name: string, id: string, uid = `uid-of-${id}`): Node {
  return {
    metadata: { name, uid, annotations: {} },
    status: {
      nodeInfo: { machineID: id } as NonNullable<NonNullable<Node["status"]>["nodeInfo"]>,
      conditions: [{ type: "Ready", status: "True" }],
    },
  };
}

/** Plays the API of a cluster in which w1 is drained. */
export class PlayedCluster implements DrainApi {
  readonly clock: LeapingClock = leapingClock();
  /** How far the cluster's clock is ahead of the one above. */
  ahead = 0;
  nodes: Node[] = [machine("w1", "m1")];
  pods: Pod[] = [];
  /** Pods that are not on w1. */
  elsewhere: Pod[] = [];
  /** What keeps pods, by kind and name. */
  readonly workloads = new Map<string, Workload>();
  /** Happens each time an owner of pods is read, before the answer. */
  onWorkloadRead: (owner: OwnerName) => void = () => undefined;
  /** Deployments that were restarted, in order. */
  readonly restarted: string[] = [];
  /** Happens each time a Deployment is restarted, before that. */
  onRestart: (name: string) => void = () => undefined;
  budgets: Budget[] = [];
  attachments: VolumeAttachment[] = [];
  /** Volumes by claim, as `namespace/name`. */
  readonly claims = new Map<string, string>();
  /** Names of the pods that were evicted or deleted, in order. */
  readonly evicted: string[] = [];
  readonly deleted: string[] = [];
  /** Claims that were read, in order. */
  readonly claimReads: string[] = [];
  /** Happens each time a pod's eviction is asked for, before the answer; a kind of answer other than accepted. */
  onEviction: (name: string) => EvictionAnswer | undefined = () => undefined;
  readonly #listeners = new Set<() => void>();

  /** The cluster's time, in seconds since 1970. */
  get time(): number {
    return this.clock.now() + this.ahead;
  }

  get w1(): Node | undefined {
    return this.nodes.find(({ metadata }) => metadata?.name === "w1");
  }

  /** Tells those who follow that something changed. */
  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  clockOffset(): number {
    return this.ahead;
  }

  async readNode(): Promise<Node | undefined> {
    return this.w1;
  }

  async changeNode(seen: Node, change: Parameters<DrainApi["changeNode"]>[1]): Promise<Node> {
    const node = this.nodes.find(({ metadata }) => metadata?.uid === seen.metadata?.uid) ?? seen;
    const { unschedulable = node.spec?.unschedulable } = change;
    const annotations = mergeKeys(node.metadata?.annotations, change.annotations);
    const labels = mergeKeys(node.metadata?.labels, change.labels);
    const changed: Node = {
      ...node,
      metadata: { ...node.metadata, annotations, labels },
      spec: { ...node.spec, ...(unschedulable !== undefined && { unschedulable }) },
    };
    this.nodes = this.nodes.map((one) => (one.metadata?.uid === node.metadata?.uid ? changed : one));
    return changed;
  }

  async listNodes(): Promise<Node[]> {
    return this.nodes;
  }

  async followPodsOnNode(): Promise<Followed<Pod>> {
    return this.#followed(() => this.pods);
  }

  async followBudgets(): Promise<Followed<Budget>> {
    return this.#followed(() => this.budgets);
  }

  async listPodsOnNode(): Promise<Pod[]> {
    return this.pods;
  }

  async listPodsSelected(namespace: string, selector: string): Promise<Pod[]> {
    const parsed = parseSelector(selector);
    return [...this.pods, ...this.elsewhere].filter(
      ({ metadata }) => metadata?.namespace === namespace && selects(parsed, metadata.labels ?? {}),
    );
  }

  async readWorkload(_namespace: string, owner: OwnerName): Promise<Workload | undefined> {
    this.onWorkloadRead(owner);
    return this.workloads.get(`${owner.kind} ${owner.name}`);
  }

  /** Begins a rollout, which the cluster has observed at once. */
  async restartRollout(_namespace: string, name: string, _seen: SeenRollout, time: string): Promise<void> {
    this.onRestart(name);
    this.restarted.push(name);
    const key = `Deployment ${name}`;
    const known = this.workloads.get(key);
    const revision = String(Number(known?.revision ?? 0) + 1);
    if (known?.rollout)
      this.workloads.set(key, { ...known, revision, rollout: { ...known.rollout, restartedAt: time } });
  }

  async listNamespaces(): Promise<[]> {
    return [];
  }

  async readDaemonSet(): Promise<undefined> {
    return undefined;
  }

  async readNamespace(): Promise<undefined> {
    return undefined;
  }

  async readClusterRole(): Promise<undefined> {
    return undefined;
  }

  async evictPod({ name, uid }: PodIdentity): Promise<EvictionAnswer> {
    const answer = this.onEviction(name);
    if (answer !== undefined) return answer;
    this.evicted.push(name);
    this.#remove(uid);
    return { kind: "evicted" };
  }

  async deletePod({ name, uid }: PodIdentity): Promise<"deleted"> {
    this.deleted.push(name);
    this.#remove(uid);
    return "deleted";
  }

  async listVolumeAttachments(): Promise<VolumeAttachment[]> {
    return this.attachments;
  }

  async readVolumeClaim(namespace: string, name: string) {
    this.claimReads.push(`${namespace}/${name}`);
    const volumeName = this.claims.get(`${namespace}/${name}`);
    return volumeName === undefined ? undefined : { spec: { volumeName } };
  }

  #followed<Item>(items: () => readonly Item[]): Followed<Item> {
    const onChange = (listener: () => void) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    };
    return { items, fault: () => undefined, onChange, [Symbol.dispose]: () => undefined };
  }

  #remove(uid: string): void {
    this.pods = this.pods.filter(({ metadata }) => metadata?.uid !== uid);
    this.changed();
  }
}

type Keys = Readonly<Record<string, string | null>>;

/** Merges as the server does: null removes a key. */
function mergeKeys(known: Keys = {}, change: Keys = {}): Record<string, string> {
  const merged = Object.entries({ ...known, ...change });
  return Object.fromEntries(merged.filter(([, value]) => value !== null)) as Record<string, string>;
}

/** Drains w1 and tells how that ended, with all that was said on the way. */
export async function drainPlayed(
  cluster: PlayedCluster,
  policy: Partial<DrainPolicy> = {},
  machineId?: string,
): Promise<{ summary?: DrainSummary; failure?: string; progress: string[] }> {
  const progress: string[] = [];
  const strict = { timeoutSeconds: 300, deleteEmptyDirData: false, force: false };
  const options = {
    policy: { ...strict, ...policy },
    onProgress: (text: string) => progress.push(text),
    clock: cluster.clock,
    ...(machineId !== undefined && { machineId }),
  };
  try {
    return { summary: await drainNode(cluster, "w1", options), progress };
  } catch (error) {
    return { failure: (error as Error).message, progress };
  }
}
