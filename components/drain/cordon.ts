// Marks a Node unschedulable, or schedulable again.
import type { KubeApi } from "../kube/api.ts";
import { isConflict, isTransient } from "../kube/kube-error.ts";
import { type Clock, systemClock } from "./clock.ts";

/** The calls that cordoning makes. */
export type CordonApi = Pick<KubeApi, "readNode" | "changeNode">;

/** What cordoning or uncordoning found: it changed the Node, the Node was so already, or there is none. */
export type CordonOutcome = "changed" | "unchanged" | "absent";

const tries = 6;

/** Makes a Node unschedulable; sends nothing when it is so already. Throws KubeError. */
export function cordonNode(api: CordonApi, name: string, clock: Clock = systemClock): Promise<CordonOutcome> {
  return setUnschedulable(api, name, true, clock);
}

/** Makes a Node schedulable; sends nothing when it is so already. Throws KubeError. */
export function uncordonNode(
  api: CordonApi,
  name: string,
  clock: Clock = systemClock,
): Promise<CordonOutcome> {
  return setUnschedulable(api, name, false, clock);
}

async function setUnschedulable(
  api: CordonApi,
  name: string,
  unschedulable: boolean,
  clock: Clock,
): Promise<CordonOutcome> {
  for (let attempt = 1; attempt < tries; attempt++) {
    try {
      return await tryUnschedulable(api, name, unschedulable);
    } catch (error) {
      // The change carries the version that was read, so that sending it again after a lost answer is safe.
      if (!(isConflict(error) || isTransient(error))) throw error;
    }
    await clock.sleep(100 * 2 ** attempt);
  }
  return tryUnschedulable(api, name, unschedulable);
}

async function tryUnschedulable(
  api: CordonApi,
  name: string,
  unschedulable: boolean,
): Promise<CordonOutcome> {
  const node = await api.readNode(name);
  if (!node) return "absent";
  if ((node.spec?.unschedulable ?? false) === unschedulable) return "unchanged";
  await api.changeNode(node, { unschedulable });
  return "changed";
}
