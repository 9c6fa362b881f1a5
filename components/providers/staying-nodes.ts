// Whether enough nodes stay when others leave, asked when they are about to: the preview counts hosts that join in the
// same change as Ready, and with `--continue-on-error` nodes leave although those failed.
import type { Node } from "../kube/api.ts";
import { readyStatus } from "../kube/node-ready.ts";
import type { RosterMember as Member, RosterPool } from "../model/roster.ts";
import { nodeNamed } from "./identity.ts";
import type { Operation } from "./operation.ts";

interface Declared {
  readonly members: readonly Member[];
  readonly pools: readonly Pick<RosterPool, "name" | "limits">[];
}

/**
 * Fails when a Ready node leaves, or is taken away to be joined again, and no other declared node is Ready, or fewer of
 * its pool than `limits.minReady`. Asks nothing on `destroy`, which has no declaration, nor for machines that are
 * declared lost.
 */
export async function requireStayingNodes(operation: Operation, members: readonly Member[]): Promise<void> {
  const { told, declaration } = operation;
  const leaving = members.filter(({ node }) => !declaration.isLost(node));
  const rejoining = new Set(leaving.map(({ node }) => node).filter((node) => told.isDeclared(node)));
  const roster = declaration.roster ?? (rejoining.size > 0 ? declaredSoFar(operation) : undefined);
  if (roster === undefined || leaving.length === 0) return;
  const staying = roster.members.filter(({ node }) => !rejoining.has(node));
  const shortage = describeShortage(
    leaving,
    { members: staying, pools: roster.pools },
    await operation.nodes(),
  );
  if (shortage !== undefined) throw new Error(shortage);
}

/** Returns what is declared, also before the engine has asked about the roster. */
function declaredSoFar({ declaration, told }: Operation): Declared {
  return declaration.roster ?? declaration.configured ?? told.roster();
}

/**
 * Fails when a Ready member is about to be drained where it is and its pool would have fewer Ready nodes than
 * `limits.minReady`: a roster that is asked at preview refuses it, one that was not asked yet cannot.
 */
export async function requireMinReady(operation: Operation, { node, pool }: Member): Promise<void> {
  const { members, pools } = declaredSoFar(operation);
  const needed = pools.find(({ name }) => name === pool)?.limits?.minReady;
  if (needed === undefined) return;
  const nodes = await operation.nodes();
  const isReady = (name: string) => readyStatus(nodeNamed(nodes, name) ?? {}) === "True";
  if (!isReady(node)) return;
  const busy = operation.slots.busyIn(pool);
  const staying = members.filter(
    (member) =>
      member.pool === pool &&
      member.node !== node &&
      !member.maintenance &&
      !busy.has(member.node) &&
      isReady(member.node),
  );
  if (staying.length >= needed) return;
  throw new Error(
    `draining node "${node}": not begun, pool "${pool}" would have ${staying.length} Ready nodes, limits.minReady is ${needed}. Mend or add nodes first, or lower limits.minReady for this run`,
  );
}

/** Says what is missing, or nothing when enough stays. Pure. */
export function describeShortage(
  members: readonly Member[],
  { members: declared, pools }: Declared,
  nodes: readonly Node[],
): string | undefined {
  const states = new Map(nodes.map((node) => [node.metadata?.name, readyStatus(node)]));
  const isReady = ({ node }: Member) => states.get(node) === "True";
  const leaving = members.filter(
    (member) => isReady(member) && !declared.some(({ node }) => node === member.node),
  );
  // A change that declares no node at all was let pass by its limits.
  if (leaving.length === 0 || declared.length === 0) return undefined;
  const serving = declared.filter((member) => isReady(member) && !member.maintenance);
  const missing = declared.filter((member) => !serving.includes(member));
  const names = leaving.map(({ node }) => node).join(", ");
  const kept = `${names} ${leaving.length === 1 ? "is" : "are"} kept. Mend ${describeMissing(missing, states)}`;
  if (serving.length === 0) return `no node that stays is Ready: ${kept}, then run again`;
  const short = pools.find(({ name, limits }) => {
    const isConcerned = leaving.some(({ pool }) => pool === name);
    return isConcerned && serving.filter(({ pool }) => pool === name).length < (limits?.minReady ?? 0);
  });
  if (short === undefined) return undefined;
  return `pool "${short.name}" would have fewer Ready nodes than limits.minReady ${short.limits?.minReady}: ${kept}, or lower limits.minReady, then run again`;
}

function describeMissing(
  missing: readonly Member[],
  states: ReadonlyMap<string | undefined, string | undefined>,
): string {
  const told = missing.slice(0, 5).map(({ node, maintenance }) => {
    if (!states.has(node)) return `${node} (not in the cluster)`;
    return `${node} (${maintenance ? "in maintenance" : "not Ready"})`;
  });
  const rest = missing.length - told.length;
  return told.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
