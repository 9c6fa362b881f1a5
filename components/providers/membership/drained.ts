// Whether a node that was drained is so still: somebody may have uncordoned it meanwhile, and cordoned it again.
import { classifyPod } from "../../drain/classify.ts";
import { isFinished } from "../../drain/pod-filters.ts";
import type { KubeApi, Node, Pod } from "../../kube/api.ts";
import type { DrainPolicy } from "../../model/drain-policy.ts";

/** Tells whether a node is cordoned and has no pod that a drain would not leave alone. Throws KubeError. */
export async function isDrainedNow(
  kube: Pick<KubeApi, "listPodsOnNode">,
  node: Node,
  { drain }: { readonly drain: DrainPolicy },
): Promise<boolean> {
  if (node.spec?.unschedulable !== true) return false;
  const pods = await kube.listPodsOnNode(node.metadata?.name ?? "");
  return !pods.some((pod) => isToGo(pod, drain));
}

/** A rule that selects by a namespace's labels is left out: at worst a drain finds nothing to do. Pure. */
function isToGo(pod: Pod, policy: DrainPolicy): boolean {
  const known = { daemonSetExists: true, namespaceLabels: {}, nodeUnreachable: false, now: 0 };
  return !isFinished(pod) && classifyPod(pod, { policy, ...known }).action !== "ignore";
}
