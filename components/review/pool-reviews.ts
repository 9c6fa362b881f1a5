// What becomes of each pool, by the rosters before and after a change. Pure.
import { disruptions } from "../providers/roster/change.ts";
import { nodeChanges } from "../providers/roster/node-changes.ts";
import type { RosterInputs } from "../providers/roster/state.ts";
import type { DrainTime, PoolReview } from "./review.ts";
import type { SettingChange } from "./setting-changes.ts";

/** The rosters of before and after. */
export interface Rosters {
  readonly olds: RosterInputs;
  readonly news: RosterInputs;
}

/** Lists the pools of after, then those of before that are gone; `settingsOf` tells what differs in one of both. */
export function poolReviews(
  { olds, news }: Rosters,
  settingsOf: (name: string) => readonly SettingChange[],
): PoolReview[] {
  const changes = Map.groupBy(nodeChanges(olds, news), ({ pool }) => pool);
  const times = drainTimes({ olds, news });
  const names = [...news.pools, ...olds.pools].map(({ name }) => name);
  return [...new Set(names)].map((name) => {
    const [before, after] = [sizeOf(olds, name), sizeOf(news, name)];
    const drains = times.get(name);
    return {
      name,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
      nodes: changes.get(name) ?? [],
      settings: before === undefined || after === undefined ? [] : settingsOf(name),
      ...(drains && { drains }),
    };
  });
}

function sizeOf({ pools, members }: RosterInputs, name: string): number | undefined {
  if (!pools.some((pool) => pool.name === name)) return undefined;
  return members.filter(({ pool }) => pool === name).length;
}

/** Bounds the time of the drains of each pool: as many turns as maxUnavailable makes of its nodes, each with the longest timeout. */
function drainTimes({ olds, news }: Rosters): Map<string, DrainTime> {
  const drained = disruptions(olds, news, []).filter(({ disruption }) => disruption !== "lost");
  const pools = new Map([...olds.pools, ...news.pools].map((pool) => [pool.name, pool]));
  return new Map(
    [...Map.groupBy(drained, ({ pool }) => pool)].map(([name, members]) => {
      const atOnce = pools.get(name)?.maxUnavailable ?? 1;
      const turns = Math.ceil(members.length / atOnce);
      const turnSeconds = Math.max(...members.map(({ drain }) => drain.timeoutSeconds));
      return [name, { turns, atOnce, turnSeconds }];
    }),
  );
}
