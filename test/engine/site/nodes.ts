// The test's own hand in the cluster: what its Nodes show, and the pods on them.
import {
  type CoreV1Api,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1Node,
  type V1Pod,
  Watch,
} from "@kubernetes/client-node";
import { theSite } from "./the-site.ts";

const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

async function core(): Promise<CoreV1Api> {
  return (await theSite()).core;
}

/** Reads all Nodes, by name. */
export async function nodes(): Promise<Map<string, V1Node>> {
  const { items } = await (await core()).listNode();
  return new Map(items.map((node) => [node.metadata?.name ?? "", node]));
}

/** Reads one Node; fails when it is gone. */
export async function nodeNamed(name: string): Promise<V1Node> {
  return (await core()).readNode({ name });
}

/** Changes a Node by a merge patch, as people and controllers do. */
export async function changeNode(name: string, body: object): Promise<void> {
  await (await core()).patchNode({ name, body }, mergePatch);
}

/** Has a kubelet report, or the cluster miss its reports. */
export async function setReady(name: string, status: "True" | "False" | "Unknown"): Promise<void> {
  const conditions = [{ type: "Ready", status, reason: "Test", message: "" }];
  await (await core()).patchNodeStatus({ name, body: { status: { conditions } } }, mergePatch);
}

/** Names the Nodes that are Ready and schedulable, sorted. */
export async function readyNodes(): Promise<string[]> {
  const isReady = ({ spec, status }: V1Node) =>
    spec?.unschedulable !== true &&
    status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True");
  return [...(await nodes())].flatMap(([name, node]) => (isReady(node) ? [name] : [])).sort();
}

/** Lists the ids of the bootstrap tokens that exist. */
export async function tokens(): Promise<string[]> {
  const { items } = await (await core()).listNamespacedSecret({ namespace: "kube-system" });
  return items.flatMap(({ type, metadata }) =>
    type === "bootstrap.kubernetes.io/token" ? [metadata?.name ?? ""] : [],
  );
}

/** What happened to Nodes and pods, in the cluster's own order. */
export interface History {
  /** Each state that a Node was in. */
  readonly nodes: readonly V1Node[];
  /** Each pod of namespace default that was asked to go: at which revision of the cluster, and where it was. */
  readonly evictions: readonly { readonly revision: number; readonly node: string }[];
}

/** Returns the revision of the cluster: what happens from now on is found by `historySince`. */
export async function currentRevision(): Promise<string> {
  return (await (await core()).listNode()).metadata?.resourceVersion ?? "";
}

/** Has the API server tell again what it has told its watchers since a revision. */
export async function historySince(revision: string): Promise<History> {
  const [nodes, pods] = await Promise.all([
    replay<V1Node>("/api/v1/nodes", revision),
    replay<V1Pod>("/api/v1/namespaces/default/pods", revision),
  ]);
  const evicted = new Map<string, { revision: number; node: string }>();
  for (const { metadata, spec } of pods) {
    if (metadata?.deletionTimestamp === undefined || evicted.has(metadata.uid ?? "")) continue;
    evicted.set(metadata.uid ?? "", {
      revision: Number(metadata.resourceVersion),
      node: spec?.nodeName ?? "",
    });
  }
  return { nodes, evictions: [...evicted.values()] };
}

const replaySeconds = 3;

async function replay<Seen>(path: string, resourceVersion: string): Promise<Seen[]> {
  const config = new KubeConfig();
  config.loadFromString((await theSite()).api.kubeconfigText);
  const seen: Seen[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const note = (type: string, object: Seen) =>
    type === "ERROR" ? reject(new Error(`watching ${path}: ${JSON.stringify(object)}`)) : seen.push(object);
  const query = { resourceVersion, timeoutSeconds: replaySeconds };
  await new Watch(config).watch(path, query, note, (error) => (error ? reject(error) : resolve()));
  await promise;
  return seen;
}
