// Refuses, at preview, a change that would leave a pool with fewer Ready nodes than it declares to need.

import type { KubeApi, Node } from "../../kube/api.ts";
import type { Disruption } from "../../model/disruption.ts";
import { errorText } from "../error-text.ts";
import { readyStatus } from "../membership/observe.ts";
import { recentNodes } from "../node-list.ts";
import { drainedMembers } from "./drained.ts";
import { leavingMembers } from "./leaving.ts";
import type { RosterInputs, RosterPool } from "./state.ts";

/** Returns one text for each pool with limits.minReady that the change takes below it; asks nothing for other pools. */
export async function tooFewReady(
  connect: () => KubeApi,
  olds: RosterInputs | undefined,
  news: RosterInputs,
): Promise<string[]> {
  // The engine sends an empty map for a roster that is new.
  if (olds?.members === undefined) return [];
  const leaving = [...leavingMembers(olds, news), ...drainedMembers(olds, news)];
  const limited = news.pools.filter(
    ({ name, limits }) => limits?.minReady !== undefined && leaving.some(({ pool }) => pool === name),
  );
  if (limited.length === 0) return [];
  try {
    const nodes = await recentNodes(connect());
    const changing = new Map(leaving.map(({ node, fate }) => [node, fate]));
    return limited.flatMap((pool) => explainShortage(pool, news, nodes, changing) ?? []);
  } catch (error) {
    return [`limits.minReady cannot be checked: ${errorText(error)}`];
  }
}

/**
 * Members that join in the same change count: they are Ready before anything leaves. Of those that reboot, as many as
 * the pool allows are down at once. Pure.
 */
function explainShortage(
  { name, limits, maxUnavailable }: RosterPool,
  news: RosterInputs,
  nodes: readonly Node[],
  changing: ReadonlyMap<string, Disruption>,
): string | undefined {
  const needed = limits?.minReady ?? 0;
  const ready = news.members.filter(({ node, pool, maintenance }) => {
    if (pool !== name || maintenance) return false;
    const found = nodes.find(({ metadata }) => metadata?.name === node);
    return found === undefined || readyStatus(found) === "True";
  });
  const rebooting = ready.filter(({ node }) => changing.get(node) === "reboot").length;
  const staying = ready.length - Math.min(rebooting, maxUnavailable);
  if (staying >= needed) return undefined;
  return `pool "${name}": ${staying} Ready nodes would stay, limits.minReady is ${needed}. Mend or add nodes first, or lower limits.minReady for this run`;
}
