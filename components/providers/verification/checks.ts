// Looks at what the checks of a stack name; nothing is changed by it.
import { isFinished, isServing, isTerminating, podKey } from "../../drain/pod-filters.ts";
import { count, listNames } from "../../drain/report.ts";
import type { HttpAnswer, KubeApi } from "../../kube/api.ts";
import { readBounded } from "../../model/bounded-body.ts";
import { durations } from "../../model/durations.ts";
import { oneLine } from "../../model/foreign-text.ts";
import { type Check, type CheckTarget, proxyName } from "../../model/verification.ts";

/** The calls that checks make. */
export type CheckApi = Pick<KubeApi, "askService" | "listPodsSelected" | "readWorkload">;

type TargetOf<Kind extends CheckTarget["kind"]> = Extract<CheckTarget, { readonly kind: Kind }>;

/** Says why a check does not hold, in one line; undefined when it holds. Throws what keeps it from being looked at. */
export async function lookAt(kube: CheckApi, check: Check): Promise<string | undefined> {
  switch (check.kind) {
    case "service":
      return judgeAnswer(await kube.askService(check.namespace, proxyName(check), check.path));
    case "url":
      return judgeAnswer(await askUrl(check.url));
    case "workload":
      return lookAtWorkload(kube, check);
    case "pods":
      return lookAtPods(kube, check);
  }
}

/** Redirects are answers, as they are for a kubelet's probe. */
function judgeAnswer({ status, said }: HttpAnswer): string | undefined {
  if (status >= 200 && status < 400) return undefined;
  const [first = ""] = said.trim().split("\n", 1);
  const words = first === "" || first.startsWith("<") ? "" : `: ${oneLine(first, 200)}`;
  return `answers ${status}${words}`;
}

async function askUrl(url: string): Promise<HttpAnswer> {
  const signal = AbortSignal.timeout(durations.verification.look * 1000);
  try {
    const answer = await fetch(url, { redirect: "manual", signal });
    return { status: answer.status, said: await readBounded(answer.body) };
  } catch (error) {
    if (signal.aborted) throw new Error(`no answer within ${durations.verification.look} s`);
    // What went wrong stands in the cause.
    const { cause = error } = error as Error;
    throw new Error(`no answer: ${oneLine(cause instanceof Error ? cause.message : String(cause))}`);
  }
}

async function lookAtWorkload(
  kube: CheckApi,
  { namespace, owner: kind, workload: name }: TargetOf<"workload">,
): Promise<string | undefined> {
  const found = await kube.readWorkload(namespace, { apiVersion: "apps/v1", kind, name });
  if (found === undefined) return "is not there";
  const pods = await kube.listPodsSelected(namespace, found.selector);
  const ready = pods.filter(isServing).length;
  const wanted = Math.max(1, found.replicas);
  return ready < wanted ? `${ready} of ${wanted} pods Ready` : undefined;
}

async function lookAtPods(
  kube: CheckApi,
  { namespace, selector }: TargetOf<"pods">,
): Promise<string | undefined> {
  const pods = (await kube.listPodsSelected(namespace, selector)).filter(
    (pod) => !isFinished(pod) && !isTerminating(pod),
  );
  if (pods.length === 0) return "selects no pod";
  const others = pods.filter((pod) => !isServing(pod));
  return others.length > 0
    ? `${count(others.length, "pod")} of ${pods.length} not Ready: ${listNames(others.map(podKey))}`
    : undefined;
}
