// How the tests of this folder drain a node: with time ten times as fast, and with everything that was said.
import { setTimeout } from "node:timers/promises";
import type { Clock } from "../../../components/drain/clock.ts";
import { type DrainSummary, drainNode } from "../../../components/drain/drain-node.ts";
import { connectKube } from "../../../components/kube/connect.ts";
import type { DrainPolicy } from "../../../components/model/drain-policy.ts";

/** Factor by which time passes faster for the code under test than for the API server. */
export const speed = 10;

/** A policy that allows nothing and waits 100 s, ten of the test's own seconds. */
export const strictPolicy: DrainPolicy = { timeoutSeconds: 100, deleteEmptyDirData: false, force: false };

/** What one drain did and said. */
export interface DrainRecord {
  readonly summary?: DrainSummary;
  /** Message of the error that ended it. */
  readonly failure?: string;
  readonly progress: readonly string[];
}

/** Returns a clock that runs ten times as fast as the machine's. */
export function fastClock(): Clock {
  const start = Date.now();
  return {
    now: () => start + (Date.now() - start) * speed,
    sleep: (ms, signal) => setTimeout(ms / speed, undefined, signal ? { signal } : {}),
  };
}

/** Drains a node through a kubeconfig, given as path or text. */
export async function drain(
  kubeconfig: string,
  nodeName: string,
  policy: Partial<DrainPolicy> = {},
  pageSize = 500,
): Promise<DrainRecord> {
  const progress: string[] = [];
  const onProgress = (text: string) => progress.push(text);
  try {
    const summary = await drainNode(connectKube({ kubeconfig, pageSize }), nodeName, {
      policy: { ...strictPolicy, ...policy },
      onProgress,
      clock: fastClock(),
    });
    return { summary, progress };
  } catch (error) {
    return { failure: (error as Error).message, progress };
  }
}
