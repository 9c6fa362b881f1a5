// kubectl's ways to drain several nodes.
import { dirname, join } from "node:path";
import { forEachBounded } from "../in-parallel.ts";
import type { DrainJob, Side } from "./side.ts";

/** All nodes in one call: kubectl cordons them all, then drains one after another. */
export const drainInOneCall: Side = (job) => kubectl(job, ["drain", ...job.nodes, ...drainFlags(job)]);

/**
 * kubectl's best form: all nodes cordoned, then a process for each node, so many at once as may drain. The cordon is
 * shared out to as many processes, because one alone makes five requests a second.
 */
export const drainInParallel: Side = async (job) => {
  const shares = shareOut(job.nodes, job.maxUnavailable);
  await forEachBounded(shares, (share) => kubectl(job, ["cordon", ...share]));
  const drain = (node: string) => kubectl(job, ["drain", node, ...drainFlags(job)]);
  await forEachBounded(job.nodes, drain, job.maxUnavailable);
};

/** Lists the nodes, which changes nothing but kubectl's cache of what the server offers. */
export const listNodes: Side = (job) => kubectl(job, ["get", "nodes", "--output=name"]);

function shareOut(nodes: readonly string[], shares: number): readonly (readonly string[])[] {
  return Array.from({ length: Math.min(shares, nodes.length) }, (_, share) =>
    nodes.filter((_node, index) => index % shares === share),
  );
}

function drainFlags({ timeoutSeconds }: DrainJob): readonly string[] {
  return ["--ignore-daemonsets", "--delete-emptydir-data", `--timeout=${timeoutSeconds}s`];
}

function kubectl({ processes, kubeconfig }: DrainJob, argv: readonly string[]): Promise<void> {
  const cache = join(dirname(kubeconfig), "kubectl-cache");
  return processes.run({
    argv: ["kubectl", ...argv],
    env: { ...process.env, KUBECONFIG: kubeconfig, KUBECACHEDIR: cache },
  });
}
