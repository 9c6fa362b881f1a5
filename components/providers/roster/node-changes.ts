// What a change does to each node, by the rosters before and after it. Pure.
import type { DisruptionFact } from "../../drain/preview/facts.ts";
import type { Disruption } from "../../model/disruption.ts";
import type { Happening, NodeChange } from "../../model/node-change.ts";
import type { RosterMember } from "../../model/roster.ts";
import { disruptions } from "./change.ts";
import type { RosterInputs } from "./state.ts";

const ofDisruption = {
  lost: "lost",
  leaves: "leaves",
  rejoin: "rejoins",
  reboot: "reboots",
  maintenance: "is drained",
} as const satisfies Record<Disruption, Happening>;

/** Lists all nodes of before and after, by pool and in the order of the declaration; those that leave, also since an earlier run, come last in their pool. */
export function nodeChanges(olds: RosterInputs, news: RosterInputs): NodeChange[] {
  const disrupted = new Map(disruptions(olds, news, []).map((member) => [member.node, member.disruption]));
  const former = new Map(olds.members.map((member) => [member.node, member]));
  const staying = new Set(news.members.map(({ node }) => node));
  const known = [...olds.members, ...(news.pending ?? []).filter(({ node }) => !former.has(node))];
  const gone = known.filter(({ node }) => !staying.has(node));
  return [...news.members, ...gone].map((member) => {
    const before = former.get(member.node);
    const disruption = disrupted.get(member.node);
    // Of a pool that is in neither roster nothing is known but that its nodes go.
    const happens = staying.has(member.node)
      ? happensTo(before, member, disruption)
      : ofDisruption[disruption ?? "leaves"];
    const formerPool = before && before.pool !== member.pool ? { formerPool: before.pool } : {};
    return { node: member.node, pool: member.pool, ...formerPool, happens };
  });
}

/**
 * Corrects what happens to nodes by what only the cluster tells, since they are declared as before: the Node is gone, or
 * its maintenance has to begin anew.
 */
export function asFound(changes: readonly NodeChange[], facts: readonly DisruptionFact[]): NodeChange[] {
  const gone = new Set(facts.flatMap((fact) => (fact.kind === "rejoins-vanished" ? fact.nodes : [])));
  const drained = new Set(
    facts.flatMap((fact) => (fact.kind === "drained" && fact.purpose === "maintenance" ? fact.nodes : [])),
  );
  return changes.map((change) => {
    if (gone.has(change.node)) return { ...change, happens: "rejoins" };
    return change.happens === "stays" && drained.has(change.node)
      ? { ...change, happens: "is drained" }
      : change;
  });
}

function happensTo(
  before: RosterMember | undefined,
  after: RosterMember,
  disruption: Disruption | undefined,
): Happening {
  if (before === undefined) return "joins";
  if (disruption !== undefined) return ofDisruption[disruption];
  if (before.pool !== after.pool) return "moves";
  const isOut = (member: RosterMember) => member.cordoned === true || member.maintenance === true;
  if (isOut(before) === isOut(after)) return "stays";
  return isOut(after) ? "is cordoned" : "is uncordoned";
}
