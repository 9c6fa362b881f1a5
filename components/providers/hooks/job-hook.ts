// A hook that is a Job of the cluster: created, or found again by a run after a kill, and waited for.
import { randomBytes } from "node:crypto";
import { whyNotReady } from "../../drain/not-ready.ts";
import { podKey } from "../../drain/pod-filters.ts";
import type { Job, Pod } from "../../kube/api.ts";
import { isTransient } from "../../kube/kube-error.ts";
import { poll } from "../../model/clock.ts";
import { durations } from "../../model/durations.ts";
import { oneLine } from "../../model/foreign-text.ts";
import { renderJob } from "../../model/hook-job.ts";
import type { HookJob } from "../../model/hooks.ts";
import { readManifest } from "../../settings/hook-manifest.ts";
import type { Operation } from "../operation.ts";
import { inOneLine } from "./command-hook.ts";
import type { HookMemory, HookRun } from "./hooked-node.ts";

/** Waits for the Job of the hook, telling how long, and returns what its containers said in the end. Throws when it fails. */
export async function runJob(
  operation: Operation,
  memory: HookMemory,
  key: string,
  run: HookRun,
  tell: (elapsed: number) => void,
): Promise<string> {
  const { namespace = "" } = run.hook.job ?? {};
  const name = await beginJob(operation, memory, key, run);
  const end = await waitForEnd(operation, namespace, name, run.hook.timeoutSeconds, tell);
  const said = await describePods(operation, namespace, name);
  if (end === "complete") return said.success;
  const cause = end ?? `not finished after ${run.hook.timeoutSeconds} s`;
  throw new Error(`Job "${namespace}/${name}": ${cause}${said.failure === "" ? "" : `: ${said.failure}`}`);
}

/** Goes on with the Job that an earlier run began, unless that has failed or is gone; its id is noted before it is created. */
async function beginJob(
  { kube }: Operation,
  memory: HookMemory,
  key: string,
  { target, occasion, point, hook }: HookRun,
): Promise<string> {
  const { job, timeoutSeconds } = hook;
  const { namespace = "" } = job ?? {};
  const known = memory.find(key)?.job;
  if (known !== undefined) {
    const former = await kube.readJob(namespace, jobName(hook.name, known));
    if (former !== undefined && endOf(former) !== "failed") return jobName(hook.name, known);
  }
  const id = randomBytes(5).toString("hex");
  const name = jobName(hook.name, id);
  await memory.note({ key, isDone: false, job: id });
  const cause = { hook: hook.name, point, occasion, node: target.node, pool: target.pool, timeoutSeconds };
  await kube.createJob(namespace, name, renderJob(readManifest(job as HookJob), name, namespace, cause));
  return name;
}

function jobName(hook: string, id: string): string {
  return `nodepools-${hook}-${id}`;
}

function endOf({ status }: Job): "complete" | "failed" | undefined {
  const has = (type: string) => status?.conditions?.some((one) => one.type === type && one.status === "True");
  if (has("Complete")) return "complete";
  return has("Failed") ? "failed" : undefined;
}

/** Returns "complete", why it failed, or undefined when it does not end: the cluster ends it at its own limit before that. */
function waitForEnd(
  { kube, clock }: Operation,
  namespace: string,
  name: string,
  seconds: number,
  onWait: (elapsed: number) => void,
): Promise<string | undefined> {
  return poll<string>(clock, {
    every: durations.providers.hookLook,
    within: seconds + durations.providers.hookEnd,
    onWait,
    until: async () => {
      try {
        const job = await kube.readJob(namespace, name);
        if (job === undefined) return "somebody deleted it";
        const end = endOf(job);
        return end === "failed" ? whyFailed(job) : end;
      } catch (error) {
        if (isTransient(error)) return undefined;
        throw error;
      }
    },
  });
}

function whyFailed({ status }: Job): string {
  const failed = status?.conditions?.find(({ type, status: is }) => type === "Failed" && is === "True");
  return `failed (${failed?.reason ?? "no reason"}${failed?.message ? `: ${oneLine(failed.message)}` : ""})`;
}

interface Words {
  readonly success: string;
  readonly failure: string;
}

/** What its pods say is worth telling, and no reason to fail. */
async function describePods({ kube }: Operation, namespace: string, name: string): Promise<Words> {
  const pods = await kube
    .listPodsSelected(namespace, `batch.kubernetes.io/job-name=${name}`)
    .catch((): Pod[] => []);
  const failed = pods.filter(({ status }) => status?.phase !== "Succeeded");
  const messages = pods
    .filter(({ status }) => status?.phase === "Succeeded")
    .flatMap(({ status }) =>
      (status?.containerStatuses ?? []).map(({ state }) => state?.terminated?.message ?? ""),
    );
  const last = failed.at(-1);
  return {
    success: inOneLine(messages.filter(Boolean).join("\n")),
    failure: last === undefined ? "" : `${podKey(last)}: ${whyNotReady(last)}`,
  };
}
