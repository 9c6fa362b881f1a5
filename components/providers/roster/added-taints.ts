// Which taints of effect NoExecute a change adds to nodes that stay. Pure.
import { isDeepStrictEqual } from "node:util";
import type { AddedTaint } from "../../drain/preview/scene.ts";
import type { RosterInputs } from "./state.ts";

/** Lists them by node; a changed value counts, because it is not what the pods tolerated so far. */
export function addedTaints(olds: RosterInputs, news: RosterInputs): AddedTaint[] {
  const former = new Map(olds.members.map(({ node, noExecute = [] }) => [node, noExecute]));
  return news.members.flatMap(({ node, noExecute = [] }) => {
    const known = former.get(node);
    const added = noExecute.filter((taint) => !known?.some((other) => isDeepStrictEqual(other, taint)));
    return known === undefined ? [] : added.map((taint) => ({ nodeName: node, taint }));
  });
}
