// How the tests of this folder drain a node: with time ten times as fast, and with everything that was said.
import { setTimeout } from "node:timers/promises";
import { drainNode } from "../../../components/drain/drain-node.ts";
import type { DrainSummary } from "../../../components/drain/summary.ts";
import type { Followed, KubeApi, Pod } from "../../../components/kube/api.ts";
import { connectKube } from "../../../components/kube/connect.ts";
import type { Clock } from "../../../components/model/clock.ts";
import type { DrainPolicy } from "../../../components/model/drain-policy.ts";
import type { FaultProxy } from "../../support/fault-proxy.ts";

/** A policy that allows nothing and waits 300 s, thirty of the test's own seconds. */
export const strictPolicy: DrainPolicy = { timeoutSeconds: 300, deleteEmptyDirData: false, force: false };

/** What one drain did and said. */
export interface DrainRecord {
  readonly summary?: DrainSummary;
  /** Message of the error that ended it. */
  readonly failure?: string;
  readonly progress: readonly string[];
  /** How long it took on its own clock. */
  readonly seconds: number;
}

/** A drain under way, and what it has said so far. */
export type Draining = Promise<DrainRecord> & Pick<DrainRecord, "progress">;

/** A drain's clock in a test. */
export interface TestClock extends Clock {
  /** Lets time pass as on the machine's clock while a request is under way. */
  during<T>(request: Promise<T>): Promise<T>;
}

const stepMs = 10;
// Of a longer step, the rest is a pause of the machine: tests, proxy and played kubelet stood still as well.
const longestStepMs = 50;

/**
 * Returns a clock that runs so many times as fast as the machine's. A pause of the machine and a request take as long on
 * it as in earnest, so that a slow machine costs a drain no more of its time. It never lags behind the server's clock.
 * @param ahead how many seconds it begins ahead of that
 */
export function fastClock(factor = 10, ahead = 0): TestClock {
  let [timeMs, seenAt, requests] = [Date.now() + ahead * 1000, performance.now(), 0];
  const now = () => {
    const elapsed = performance.now() - seenAt;
    seenAt += elapsed;
    timeMs += requests > 0 ? elapsed : Math.max(elapsed, Math.min(elapsed, longestStepMs) * factor);
    return timeMs / 1000;
  };
  const count = (change: number) => {
    now();
    requests += change;
  };
  return {
    now,
    async sleep(seconds, signal) {
      const end = now() + seconds;
      while (now() < end) await setTimeout(stepMs, undefined, signal ? { signal } : {});
    },
    during(request) {
      count(1);
      return request.finally(() => count(-1));
    },
  };
}

/** Returns a client for drains with this clock. */
export function connect(kubeconfig: string, clock: TestClock, pageSize = 500): KubeApi {
  return new Proxy(connectKube({ kubeconfig, pageSize }), {
    get:
      (kube, name) =>
      (...wishes: unknown[]) => {
        const answer = Reflect.get(kube, name)(...wishes);
        return answer instanceof Promise ? clock.during(answer) : answer;
      },
  });
}

/** Returns a client for one drain that tells which pods the drain knows by now. */
export function revealing(kube: KubeApi): KubeApi & { knownPods(): readonly Pod[] } {
  let pods: Followed<Pod> | undefined;
  const followPodsOnNode = async (nodeName: string) => {
    pods = await kube.followPodsOnNode(nodeName);
    return pods;
  };
  return { ...kube, followPodsOnNode, knownPods: () => pods?.items() ?? [] };
}

/** Drains a node through a kubeconfig, given as path or text. */
export function drain(
  kubeconfig: string,
  nodeName: string,
  policy: Partial<DrainPolicy> = {},
  pageSize = 500,
): Draining {
  const clock = fastClock();
  return drainThrough(connect(kubeconfig, clock, pageSize), nodeName, policy, clock);
}

/** Drains a node through a client; drains that share one share the clock as well. */
export function drainThrough(
  kube: KubeApi,
  nodeName: string,
  policy: Partial<DrainPolicy>,
  clock: Clock,
): Draining {
  const progress: string[] = [];
  const onProgress = (text: string) => progress.push(text);
  const work = async (): Promise<DrainRecord> => {
    const begun = clock.now();
    const end = () => ({ progress, seconds: clock.now() - begun });
    try {
      const options = { policy: { ...strictPolicy, ...policy }, onProgress, clock };
      return { summary: await drainNode(kube, nodeName, options), ...end() };
    } catch (error) {
      return { failure: (error as Error).message, ...end() };
    }
  };
  return Object.assign(work(), { progress });
}

/** Waits until something is so; fails after 30 s of the test's own time. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`waiting until ${what}: not so after 30 s.`);
    await setTimeout(20);
  }
}

/** Waits until a drain has said something. */
export function untilSaid({ progress }: Draining, text: string): Promise<void> {
  return until(`the drain says "${text}"`, () => progress.some((line) => line.includes(text)));
}

/** Returns the names of the pods that the proxy was asked to evict, in order. */
export function evictedNames(proxy: FaultProxy): string[] {
  return proxy.requests
    .filter(({ method, path }) => method === "POST" && path.endsWith("/eviction"))
    .map(({ path }) => path.split("/").at(-2) ?? "");
}
