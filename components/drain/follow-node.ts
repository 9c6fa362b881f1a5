// Begins to follow the pods of a node and all budgets, and keeps trying while the server is away.
import { isTransient } from "../kube/kube-error.ts";
import { timeIsOver } from "./drain-limits.ts";
import { type DrainRun, type FollowedLists, isOver } from "./drain-run.ts";

const retryMs = 1000;

/** Follows both lists; their news wake the drain. Throws KubeError when they may not be read, DrainError at the deadline. */
export async function followNode(run: DrainRun): Promise<FollowedLists> {
  const pods = await patiently(run, () => run.api.followPodsOnNode(run.nodeName));
  pods.onChange(run.wakeup.notify);
  try {
    const budgets = await patiently(run, () => run.api.followBudgets());
    const ignore = budgets.onChange(run.wakeup.notify);
    const dispose = () => {
      ignore();
      budgets[Symbol.dispose]();
      pods[Symbol.dispose]();
    };
    return { pods, budgets, [Symbol.dispose]: dispose };
  } catch (error) {
    pods[Symbol.dispose]();
    throw error;
  }
}

async function patiently<T>(run: DrainRun, follow: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await follow();
    } catch (error) {
      if (!isTransient(error)) throw error;
      run.fault = (error as Error).message;
      if (isOver(run)) throw timeIsOver(run, undefined);
    }
    await run.clock.sleep(retryMs);
  }
}
