// One look at a node during a drain: which pods are there now, and what is to be done with each.
import type { Pod } from "../kube/api.ts";
import { isTransient } from "../kube/kube-error.ts";
import { classifyPod } from "./classify.ts";
import { type DrainRun, type TrackedPod, triesOf } from "./drain-run.ts";
import { isDaemonSetPod, podController, podKey } from "./pod-filters.ts";

/** Lists the node's pods that must go; undefined when the server could not tell this time. Throws KubeError. */
export async function lookAtNode(run: DrainRun): Promise<TrackedPod[] | undefined> {
  try {
    const pods = await run.api.listPodsOnNode(run.nodeName);
    const tracked: TrackedPod[] = [];
    for (const pod of pods) tracked.push(await track(run, pod));
    run.lastListFailure = undefined;
    return note(run, tracked);
  } catch (error) {
    // A restart of the API server must not cost the whole drain; the deadline reports this when it lasts.
    if (!isTransient(error)) throw error;
    run.lastListFailure = (error as Error).message;
    return undefined;
  }
}

async function track(run: DrainRun, pod: Pod): Promise<TrackedPod> {
  const verdict = classifyPod(pod, {
    policy: run.policy,
    daemonSetExists: await findDaemonSet(run, pod),
    nodeUnreachable: run.nodeUnreachable,
    now: run.clock.now(),
  });
  return { pod, verdict, tries: triesOf(run, pod.metadata?.uid ?? "") };
}

async function findDaemonSet(run: DrainRun, pod: Pod): Promise<boolean | undefined> {
  if (!isDaemonSetPod(pod)) return undefined;
  const namespace = pod.metadata?.namespace ?? "";
  const name = podController(pod)?.name ?? "";
  const key = `${namespace}/${name}`;
  const known = run.daemonSets.get(key);
  if (known !== undefined) return known;
  const exists = (await run.api.readDaemonSet(namespace, name)) !== undefined;
  run.daemonSets.set(key, exists);
  return exists;
}

function note(run: DrainRun, tracked: readonly TrackedPod[]): TrackedPod[] {
  for (const { pod, verdict } of tracked) {
    const uid = pod.metadata?.uid ?? "";
    (verdict.action === "ignore" ? run.staying : run.seen).set(uid, pod);
    for (const reason of verdict.warnings) run.warnings.set(`${uid} ${reason}`, { reason, pod: podKey(pod) });
  }
  return tracked.filter(({ verdict }) => verdict.action !== "ignore");
}
