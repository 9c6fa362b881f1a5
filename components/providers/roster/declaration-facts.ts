// What a change does to the declaration: who joins or moves, which settings of pools and which metadata of nodes differ,
// what was changed by hand. Pure.
import type { DeclarationFact, DriftFact, MetadataFact } from "../../model/declaration-fact.ts";
import type { NodeChange } from "../../model/node-change.ts";
import { compareFields } from "../../settings/compare-fields.ts";
import { nodeChanges } from "./node-changes.ts";
import type { RosterInputs } from "./state.ts";

/** What was told of the members before the roster was asked about. */
export interface ToldOfMembers {
  /** Of one node each. */
  readonly metadata: readonly MetadataFact[];
  readonly drift: readonly DriftFact[];
  /** Names of the nodes that are joined again because their Nodes are gone. */
  readonly vanished: ReadonlySet<string>;
}

/** Lists the facts, those of one kind by pool and name. */
export function declarationFacts(
  olds: RosterInputs,
  news: RosterInputs,
  { metadata, drift, vanished }: ToldOfMembers,
): DeclarationFact[] {
  const changes = nodeChanges(olds, news);
  const gone = [...vanished].sort();
  return [
    ...joining(changes),
    ...(gone.length > 0 ? [{ kind: "rejoins-vanished", severity: "warning", nodes: gone } as const] : []),
    ...moving(changes),
    ...cordons(changes),
    ...poolSettings(olds, news),
    ...foldMetadata(metadata),
    ...[...drift].sort((one, other) => (one.node < other.node ? -1 : 1)),
  ];
}

function joining(changes: readonly NodeChange[]): DeclarationFact[] {
  const joins = Map.groupBy(
    changes.filter(({ happens }) => happens === "joins"),
    ({ pool }) => pool,
  );
  return [...joins].map(([pool, nodes]) => ({
    kind: "joining",
    severity: "info",
    pool,
    nodes: namesOf(nodes),
  }));
}

function moving(changes: readonly NodeChange[]): DeclarationFact[] {
  const moved = changes.filter(({ formerPool }) => formerPool !== undefined);
  const groups = Map.groupBy(moved, ({ formerPool, pool }) => JSON.stringify([formerPool, pool]));
  return [...groups.values()].flatMap((group) =>
    group.slice(0, 1).map(({ formerPool: from = "", pool: to }) => ({
      kind: "changes-pool",
      severity: "info",
      ...{ from, to },
      nodes: namesOf(group),
    })),
  );
}

function cordons(changes: readonly NodeChange[]): DeclarationFact[] {
  const named = (word: NodeChange["happens"]) => namesOf(changes.filter(({ happens }) => happens === word));
  const [on, off] = [named("is cordoned"), named("is uncordoned")];
  return [
    ...(on.length > 0 ? [{ kind: "cordoned", severity: "info", nodes: on } as const] : []),
    ...(off.length > 0 ? [{ kind: "uncordoned", severity: "info", nodes: off } as const] : []),
  ];
}

function namesOf(changes: readonly NodeChange[]): string[] {
  return changes.map(({ node }) => node).sort();
}

/** How its nodes are drained, its limits and its version of Kubernetes; of pools that are declared before and after. */
function poolSettings(olds: RosterInputs, news: RosterInputs): DeclarationFact[] {
  const former = new Map(olds.pools.map((pool) => [pool.name, pool]));
  return news.pools.flatMap((pool) => {
    const before = former.get(pool.name);
    const fields = before === undefined ? [] : compareFields(before, pool);
    return fields.map(
      (change) => ({ kind: "pool-setting", severity: "info", pool: pool.name, ...change }) as const,
    );
  });
}

/** What is the same on many nodes of a pool is told once. */
function foldMetadata(facts: readonly MetadataFact[]): MetadataFact[] {
  const same = Map.groupBy(facts, ({ nodes: _, ...fact }) => JSON.stringify(fact));
  return [...same.values()].flatMap((group) =>
    group.slice(0, 1).map((fact) => ({ ...fact, nodes: group.flatMap(({ nodes }) => nodes).sort() })),
  );
}
