// The test's own hand in the cluster: what its Nodes show, and the pods on them.
import { type CoreV1Api, PatchStrategy, setHeaderOptions, type V1Node } from "@kubernetes/client-node";
import { theSite } from "./site.ts";

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
