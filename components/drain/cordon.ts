// Marks a Node unschedulable.
import type { KubeApi } from "../kube/api.ts";
import { isConflict, isTransient } from "../kube/kube-error.ts";
import { type Clock, systemClock } from "./clock.ts";

/** The calls that cordoning makes. */
export type CordonApi = Pick<KubeApi, "readNode" | "changeNode">;

/** What cordoning found: it changed the Node, the Node was unschedulable already, or there is none. */
export type CordonOutcome = "changed" | "unchanged" | "absent";

const tries = 6;

/** Makes a Node unschedulable; sends nothing when it is so already. Throws KubeError. */
export async function cordonNode(
  api: CordonApi,
  name: string,
  clock: Clock = systemClock,
): Promise<CordonOutcome> {
  for (let attempt = 1; attempt < tries; attempt++) {
    try {
      return await tryCordon(api, name);
    } catch (error) {
      // The change carries the version that was read, so that sending it again after a lost answer is safe.
      if (!(isConflict(error) || isTransient(error))) throw error;
    }
    await clock.sleep(100 * 2 ** attempt);
  }
  return tryCordon(api, name);
}

async function tryCordon(api: CordonApi, name: string): Promise<CordonOutcome> {
  const node = await api.readNode(name);
  if (!node) return "absent";
  if (node.spec?.unschedulable === true) return "unchanged";
  await api.changeNode(node, { unschedulable: true });
  return "changed";
}
