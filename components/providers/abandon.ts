// Removes a node whose machine is declared lost: at once and without contacting the machine.
import { podIdentity, podKey } from "../drain/pod-filters.ts";
import { count, listNames } from "../drain/report.ts";
import type { KubeApi, Node, Pod } from "../kube/api.ts";
import { readNodeReady } from "../kube/node-ready.ts";
import type { Progress } from "./progress.ts";

const parallelDeletions = 20;

/**
 * Deletes the Node, so that nothing is bound to it any more, then removes the pods that its kubelet will never end.
 * Refuses a node whose kubelet still reports: it would go on running the pods that start elsewhere.
 */
export async function abandonNode(api: KubeApi, node: Node, progress: Progress): Promise<void> {
  const name = node.metadata?.name ?? "";
  const objection = whyNotLost(node);
  if (objection !== undefined) throw new Error(`removing ${objection}`);
  const pods = await api.listPodsOnNode(name);
  const volumes = node.status?.volumesAttached?.length ?? 0;
  await api.deleteNode(name, node.metadata?.uid ?? "");
  const kept = new Set(await deletePods(api, pods));
  const removed = pods.filter((pod) => !kept.has(pod));
  const names = removed.length > 0 ? ` (${listNames(removed.map(podKey))})` : "";
  await progress.say(`lost: Node deleted, ${count(removed.length, "pod")} removed${names}`);
  if (kept.size > 0)
    await progress.warn(
      `${count(kept.size, "pod")} could not be deleted, Kubernetes does so within a minute: ${listNames([...kept].map(podKey))}`,
    );
  await warnOfRemains(api, name, volumes, progress);
}

/** Says why a node is no lost one, if it is none: its kubelet reports, or nothing says that it has stopped. Pure. */
export function whyNotLost(node: Node): string | undefined {
  const name = node.metadata?.name ?? "";
  const ready = readNodeReady(node);
  if (ready?.status === "Unknown") return undefined;
  // As of one that was made by hand or restored from a backup; a kubelet registers with the condition.
  if (ready === undefined)
    return `lost node "${name}": its Node has no Ready condition, so that nothing says whether its kubelet has stopped. Wait a minute, until the cluster has set it, then run again`;
  return `lost node "${name}": its kubelet still reports (Ready is not Unknown). Power the machine off and wait until it does not (about 50 s), or take it out with state: spare`;
}

/** Returns the pods that could not be deleted: the Node is gone by now, so that their garbage collector takes over. */
async function deletePods(api: KubeApi, pods: readonly Pod[]): Promise<Pod[]> {
  const queue = pods.values();
  const kept: Pod[] = [];
  const worker = async () => {
    for (const pod of queue) await api.deletePod(podIdentity(pod), 0).catch(() => kept.push(pod));
  };
  await Promise.all(Array.from({ length: parallelDeletions }, worker));
  return kept;
}

async function warnOfRemains(api: KubeApi, name: string, volumes: number, progress: Progress): Promise<void> {
  const held = (await api.listPodsOnNode(name)).filter(({ metadata }) => metadata?.finalizers?.length);
  if (held.length > 0)
    await progress.warn(
      `${count(held.length, "pod")} deleted, but kept by finalizers until their owners remove these: ${listNames(held.map(podKey))}`,
    );
  if (volumes > 0)
    await progress.warn(
      `${count(volumes, "volume")} attached to it: Kubernetes detaches after 6 minutes; the pods that need them wait for that`,
    );
  await progress.warn(
    "the machine was not contacted: keep it disconnected until it is wiped. It becomes a node again only with a new rejoinTrigger, which resets it",
  );
}
