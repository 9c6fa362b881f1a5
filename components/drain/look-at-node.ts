// One look at a node during a drain: which pods are there now, and what is to be done with each.
import type { Pod } from "../kube/api.ts";
import { isTransient } from "../kube/kube-error.ts";
import { classifyPod } from "./classify.ts";
import { type DrainRun, isUnreachable, type TrackedPod, triesOf } from "./drain-run.ts";
import { isDaemonSetPod, podController, podKey } from "./pod-filters.ts";

/** Judges the pods that are on the node; undefined when the server could not tell this time. Throws KubeError. */
export async function judgePods(
  run: DrainRun,
  list: () => readonly Pod[] | Promise<readonly Pod[]>,
): Promise<TrackedPod[] | undefined> {
  try {
    const tracked: TrackedPod[] = [];
    for (const pod of await list()) tracked.push(await judge(run, pod));
    return note(run, tracked);
  } catch (error) {
    // A restart of the API server must not cost the whole drain; the deadline reports this when it lasts.
    if (!isTransient(error)) throw error;
    run.fault = (error as Error).message;
    return undefined;
  }
}

async function judge(run: DrainRun, pod: Pod): Promise<TrackedPod> {
  run.recreations.see(pod);
  const verdict = classifyPod(pod, {
    policy: run.policy,
    daemonSetExists: await findDaemonSet(run, pod),
    namespaceLabels: await findNamespaceLabels(run, pod.metadata?.namespace ?? ""),
    nodeUnreachable: isUnreachable(run),
    now: run.clock.now(),
  });
  const tries = triesOf(run, pod.metadata?.uid ?? "");
  const loop = verdict.action === "evict" ? run.recreations.explainLoop(pod) : undefined;
  if (loop !== undefined) Object.assign(tries, { hopeless: loop, isLoop: true });
  return { pod, verdict, tries };
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

/** Lists the namespaces once, and again for one that is new; no rule that asks, no list. */
async function findNamespaceLabels(run: DrainRun, name: string): Promise<Readonly<Record<string, string>>> {
  if (!run.policy.rules?.some((rule) => rule.namespaces)) return {};
  if (!run.namespaces.has(name)) {
    for (const { metadata } of await run.api.listNamespaces())
      run.namespaces.set(metadata?.name ?? "", metadata?.labels ?? {});
    // A namespace that vanished meanwhile must not be looked for again and again.
    if (!run.namespaces.has(name)) run.namespaces.set(name, {});
  }
  return run.namespaces.get(name) ?? {};
}

function note(run: DrainRun, tracked: readonly TrackedPod[]): TrackedPod[] {
  for (const { pod, verdict } of tracked) {
    const uid = pod.metadata?.uid ?? "";
    (verdict.action === "ignore" ? run.staying : run.seen).set(uid, pod);
    for (const reason of verdict.warnings) run.warnings.set(`${uid} ${reason}`, { reason, pod: podKey(pod) });
  }
  return tracked.filter(({ verdict }) => verdict.action !== "ignore");
}
