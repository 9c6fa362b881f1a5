// Refuses, at preview, a change that would leave a pool with fewer Ready nodes than it declares to need.
import type { KubeApi, Node } from "../../kube/api.ts";
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
    const down = new Set(leaving.map(({ node }) => node));
    return limited.flatMap((pool) => explainShortage(pool, news, nodes, down) ?? []);
  } catch (error) {
    return [`limits.minReady cannot be checked: ${errorText(error)}`];
  }
}

/** Members that join in the same change count: they are Ready before anything leaves. Pure. */
function explainShortage(
  { name, limits }: RosterPool,
  news: RosterInputs,
  nodes: readonly Node[],
  down: ReadonlySet<string>,
): string | undefined {
  const needed = limits?.minReady ?? 0;
  const ready = news.members.filter(({ node, pool }) => {
    if (pool !== name || down.has(node)) return false;
    const found = nodes.find(({ metadata }) => metadata?.name === node);
    return found === undefined || readyStatus(found) === "True";
  });
  if (ready.length >= needed) return undefined;
  return `pool "${name}": ${ready.length} Ready nodes would stay, limits.minReady is ${needed}. Mend or add nodes first, or lower limits.minReady for this run`;
}
