// What stays the same of nodes only as long as nobody drains, joins or restarts them.
import { nodes, onHost, uidOf } from "./test-lab.ts";
import { stayingPods } from "./workloads.ts";

/** What a second join of the host would change. */
export async function lifeOf(name: string): Promise<readonly unknown[]> {
  return [await uidOf(name), await onHost(name, "pidof kubelet; stat -c %Y /etc/kubernetes/kubelet.conf")];
}

/** What a drain, a join or a restart would change: Nodes, the pods of an app on them, containerd and kubelet. */
export async function livesOf(names: readonly string[], app: string): Promise<readonly unknown[]> {
  return [
    [...(await nodes())].filter(([name]) => names.includes(name)).map(([, { metadata }]) => metadata.uid),
    await stayingPods(app),
    await Promise.all(names.map((name) => onHost(name, "pidof containerd kubelet"))),
  ];
}
