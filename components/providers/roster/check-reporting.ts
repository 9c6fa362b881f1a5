// Refuses, at preview, to give up a machine whose kubelet still reports.
import type { KubeApi } from "../../kube/api.ts";
import { stillReports } from "../membership/abandon.ts";
import { readyStatus } from "../membership/observe.ts";
import { recentNodes } from "../node-list.ts";
import type { RosterInputs } from "./state.ts";

/**
 * Returns one text for each former member that is declared lost now and whose kubelet reports. Says nothing when the
 * cluster cannot be asked: the removal itself asks again.
 */
export async function lostButReady(
  connect: () => KubeApi,
  olds: RosterInputs | undefined,
  news: RosterInputs,
): Promise<string[]> {
  const former = new Set(olds?.members.map(({ node }) => node));
  const given = new Set(news.lost?.flatMap(({ node }) => (former.has(node) ? [node] : [])));
  if (given.size === 0) return [];
  const nodes = await listNodes(connect);
  return nodes
    .filter((node) => given.has(node.metadata?.name ?? "") && readyStatus(node) !== "Unknown")
    .map(({ metadata }) => stillReports(metadata?.name ?? ""));
}

async function listNodes(connect: () => KubeApi) {
  try {
    return await recentNodes(connect());
  } catch {
    return [];
  }
}
