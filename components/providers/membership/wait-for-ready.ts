// Waits until this machine's Node is registered and ready.
import type { KubeApi, Node } from "../../kube/api.ts";
import { isTransient } from "../../kube/kube-error.ts";
import { errorText } from "../error-text.ts";
import { recentNodes } from "../node-list.ts";
import type { Progress } from "../progress.ts";
import { missingForReady } from "./readiness.ts";

/** Outcome of the wait: the ready Node, or what was last seen when time ran out. */
export type ReadyOutcome =
  | { readonly ready: true; readonly node: Node }
  | { readonly ready: false; readonly node: Node | undefined; readonly missing: readonly string[] };

// The list of Nodes is shared: looking often costs the server little.
const pollMilliseconds = 250;

/** Waits for the Node of this name and machine; another machine's Node of the same name counts as absent. */
export async function waitForReady(
  api: KubeApi,
  expected: { readonly node: string; readonly machineId: string; readonly timeoutSeconds: number },
  progress: Progress,
): Promise<ReadyOutcome> {
  const start = Date.now();
  for (;;) {
    const { node, missing } = await look(api, expected);
    const elapsed = Math.round((Date.now() - start) / 1000);
    if (node !== undefined && missing.length === 0) {
      progress.done(`Ready after ${elapsed} s`);
      return { ready: true, node };
    }
    if (elapsed >= expected.timeoutSeconds) return { ready: false, node, missing };
    progress.now(`waiting for Ready ${elapsed} s of ${expected.timeoutSeconds} s: ${missing.join(", ")}`);
    await new Promise((resolve) => setTimeout(resolve, pollMilliseconds));
  }
}

/** Looks once. A restart of the API server must not end the wait of a host that has just joined. */
async function look(
  api: KubeApi,
  expected: { readonly node: string; readonly machineId: string },
): Promise<{ readonly node: Node | undefined; readonly missing: readonly string[] }> {
  try {
    const nodes = await recentNodes(api);
    const node = nodes.find(
      ({ metadata, status }) =>
        metadata?.name === expected.node && status?.nodeInfo?.machineID === expected.machineId,
    );
    return { node, missing: node === undefined ? ["its Node is not registered"] : missingForReady(node) };
  } catch (error) {
    if (!isTransient(error)) throw error;
    return { node: undefined, missing: [`unknown: ${errorText(error)}`] };
  }
}
