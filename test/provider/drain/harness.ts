// How the tests of this folder drain a node: with time ten times as fast, and with everything that was said.
import { setTimeout } from "node:timers/promises";
import type { Clock } from "../../../components/drain/clock.ts";
import { drainNode } from "../../../components/drain/drain-node.ts";
import type { DrainSummary } from "../../../components/drain/summary.ts";
import type { KubeApi } from "../../../components/kube/api.ts";
import { connectKube } from "../../../components/kube/connect.ts";
import type { DrainPolicy } from "../../../components/model/drain-policy.ts";
import type { FaultProxy } from "../../support/fault-proxy.ts";

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
export function drain(
  kubeconfig: string,
  nodeName: string,
  policy: Partial<DrainPolicy> = {},
  pageSize = 500,
): Promise<DrainRecord> {
  return drainThrough(connectKube({ kubeconfig, pageSize }), nodeName, policy);
}

/** Drains a node through a client that other drains may share. */
export async function drainThrough(
  kube: KubeApi,
  nodeName: string,
  policy: Partial<DrainPolicy> = {},
): Promise<DrainRecord> {
  const progress: string[] = [];
  const onProgress = (text: string) => progress.push(text);
  try {
    const options = { policy: { ...strictPolicy, ...policy }, onProgress, clock: fastClock() };
    return { summary: await drainNode(kube, nodeName, options), progress };
  } catch (error) {
    return { failure: (error as Error).message, progress };
  }
}

/** Waits until something is so; fails after 20 s of the test's own time. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`waiting until ${what}: not so after 20 s.`);
    await setTimeout(20);
  }
}

/** Returns the names of the pods that the proxy was asked to evict, in order. */
export function evictedNames(proxy: FaultProxy): string[] {
  return proxy.requests
    .filter(({ method, path }) => method === "POST" && path.endsWith("/eviction"))
    .map(({ path }) => path.split("/").at(-2) ?? "");
}
