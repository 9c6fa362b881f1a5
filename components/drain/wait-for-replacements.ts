// The phase of a drain in which what was evicted becomes Ready elsewhere: before that the machine is not reset.
import type { Pod, Workload } from "../kube/api.ts";
import { isTransient } from "../kube/kube-error.ts";
import { poll } from "../model/clock.ts";
import { replacementSeconds } from "../model/drain-policy.ts";
import { durations } from "../model/durations.ts";
import { oneLine } from "../model/foreign-text.ts";
import type { NotedOwner } from "../model/readiness-note.ts";
import { secondsSince } from "./context.ts";
import { nodeStateAfterFailure } from "./drain-limits.ts";
import { whyNotReady } from "./not-ready.ts";
import type { Drain, PhaseEnd } from "./phase.ts";
import { isFinished, isServing, isTerminating, podController, podKey } from "./pod-filters.ts";
import { notedName } from "./readiness.ts";
import { count, DrainError, listNames, type PodRemark } from "./report.ts";
import { leavesWhole } from "./whole-cluster.ts";

/** An owner that has fewer Ready pods than it had, and why. */
interface Shortfall {
  /** Such as `shop/Deployment cart`. */
  readonly owner: string;
  /** Such as `shop/Deployment cart 2 of 3`. */
  readonly text: string;
  readonly remarks: readonly PodRemark[];
}

/**
 * Waits until every owner that was noted has as many Ready pods as before, or as many as it wants by now; throws
 * DrainError at the deadline. Owners that are gone or were rolled out meanwhile are not waited for, nor those of pods
 * that are left behind on a node that does not answer, nor any where the whole cluster leaves. Ends as well when the Node
 * is gone.
 */
export async function waitForReplacements(drain: Drain): Promise<PhaseEnd> {
  const { context, watch, readiness } = drain;
  const within = replacementSeconds(context.policy);
  if (within === undefined) return "done";
  readiness.requireIntact();
  let short: readonly Shortfall[] = [];
  let fault: string | undefined;
  const look = async (): Promise<PhaseEnd | undefined> => {
    if ((await watch.look()) === "gone") return "node-gone";
    try {
      short = await findShort(drain);
      fault = undefined;
    } catch (error) {
      if (!isTransient(error)) throw error;
      fault = (error as Error).message;
    }
    return fault === undefined && short.length === 0 ? "done" : undefined;
  };
  const onWait = () => {
    if (short.length > 0)
      context.onProgress(`waiting for Ready pods of ${listShort(short)}, ${secondsSince(context)} s`);
  };
  const every = durations.drain.replacementLook;
  const end = await poll(context.clock, { until: look, every, within, onWait });
  if (end === undefined) throw stillShort(drain, short, fault, within);
  return end;
}

async function findShort(drain: Drain): Promise<Shortfall[]> {
  const leftBehind = ownersLeftBehind(drain);
  const looks = drain.readiness.owners.map(async (owner) => {
    if (!leftBehind.has(owner.uid)) return lookAt(drain, owner);
    drain.ledger.note(
      "not waited for: pods are left behind on the node, which does not answer",
      notedName(owner),
    );
    return undefined;
  });
  const short = (await Promise.all(looks)).filter((found) => found !== undefined);
  if (short.length === 0 || !(await leavesWhole(drain.context))) return short;
  for (const { owner } of short)
    drain.ledger.note("not waited for: every node leaves, so that none takes their pods", owner);
  return [];
}

/** A StatefulSet creates no pod anew before the former one's object is gone, which nobody removes there. */
function ownersLeftBehind({ ledger }: Drain): ReadonlySet<string | undefined> {
  return new Set(ledger.staying.filter(isTerminating).map((pod) => podController(pod)?.uid));
}

async function lookAt({ context, ledger }: Drain, owner: NotedOwner): Promise<Shortfall | undefined> {
  const workload = await context.api.readWorkload(owner.namespace, owner);
  if (workload?.uid !== owner.uid || workload.isEnding) return undefined;
  if (owner.revision !== undefined && workload.revision !== owner.revision) {
    ledger.note("rolled out during the drain, so that its Ready pods are not waited for", notedName(owner));
    return undefined;
  }
  const wanted = Math.min(owner.ready, workload.replicas);
  if (wanted === 0) return undefined;
  const pods = await context.api.listPodsSelected(owner.namespace, workload.selector);
  const ready = pods.filter(isServing).length;
  if (ready >= wanted) return undefined;
  const name = notedName(owner);
  const text = `${name} ${ready} of ${wanted}`;
  return { owner: name, text, remarks: explain(owner, workload, pods) };
}

/** Pods that terminate have been replaced already, or are about to be. */
function explain(owner: NotedOwner, { fault }: Workload, pods: readonly Pod[]): PodRemark[] {
  const stuck = pods.filter((pod) => !isServing(pod) && !isFinished(pod) && !isTerminating(pod));
  const remarks = stuck.map((pod) => ({ reason: whyNotReady(pod), pod: podKey(pod) }));
  if (fault !== undefined) remarks.push({ reason: oneLine(fault), pod: notedName(owner) });
  if (remarks.length > 0) return remarks;
  return [{ reason: "no pod has been created in its place", pod: notedName(owner) }];
}

function listShort(short: readonly Shortfall[]): string {
  return listNames(short.map(({ text }) => text));
}

function stillShort(
  { context }: Drain,
  short: readonly Shortfall[],
  fault: string | undefined,
  seconds: number,
): DrainError {
  const end = `Its host is not touched: declare it again to have the node back. Or mend them and run again; drain.waitForReplacements: false lets the node go as it is.`;
  const remedy = `${nodeStateAfterFailure(context)} ${end}`;
  const what =
    fault === undefined
      ? `${count(short.length, "owner")} of them ${short.length === 1 ? "has" : "have"} fewer Ready pods than before (${listShort(short)})`
      : `what became of them is unknown: ${oneLine(fault)}`;
  const remarks = fault === undefined ? short.flatMap((one) => one.remarks) : [];
  return new DrainError(
    context.nodeName,
    `its pods are gone, but ${seconds} s later ${what}`,
    remarks,
    remedy,
  );
}
