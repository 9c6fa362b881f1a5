// Waits for those who hold a machine's deletion up by annotations of its Node, as Cluster API's controllers do for Machines.
import { listNames } from "../../drain/report.ts";
import { isTransient } from "../../kube/kube-error.ts";
import { poll } from "../../model/clock.ts";
import {
  type DeleteHook,
  type DeleteHookStage,
  describeDeleteHook,
  findDeleteHooks,
} from "../../model/delete-hooks.ts";
import { durations } from "../../model/durations.ts";
import { type ExpectedNode, ownedNode } from "../identity.ts";
import type { Operation } from "../operation.ts";
import type { Progress } from "../progress.ts";

/**
 * Waits until no such annotation is on the Node, or the Node is gone; fails after so many seconds. A kubelet may write them
 * on its own Node: it holds its removal back so long, and no other's.
 */
export async function awaitDeleteHooks(
  { kube, clock }: Pick<Operation, "kube" | "clock">,
  target: ExpectedNode & { readonly node: string; readonly machineId: string },
  stage: DeleteHookStage,
  seconds: number,
  progress: Progress,
): Promise<void> {
  let waited: readonly DeleteHook[] = [];
  const end = await poll(clock, {
    every: durations.providers.hookLook,
    within: seconds,
    until: async () => {
      try {
        const node = ownedNode(await kube.readNode(target.node), target);
        waited = node === undefined ? [] : findDeleteHooks(node, stage);
      } catch (error) {
        if (!isTransient(error)) throw error;
        return undefined;
      }
      return waited.length === 0 ? true : undefined;
    },
    onWait: (elapsed) => progress.now(`held ${elapsed} s of ${seconds} s by ${listHooks(waited)}`),
  });
  if (end !== undefined) return;
  const step = stage === "pre-drain" ? "draining" : "resetting";
  const state = stage === "pre-drain" ? "no pod was moved" : "it is drained, and its host is not reset";
  throw new Error(
    `${step} node "${target.node}": held for ${seconds} s by ${listHooks(waited)}. The Node stays cordoned, ${state}. Whoever wrote that removes it when they are done; or run \`kubectl annotate node ${target.node} ${waited[0]?.annotation ?? ""}-\`; then run again`,
  );
}

function listHooks(hooks: readonly DeleteHook[]): string {
  return listNames(hooks.map(describeDeleteHook));
}
