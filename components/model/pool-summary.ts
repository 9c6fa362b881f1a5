// What a preview says of a pool in one line, in place of every node in the stack's outputs. Pure.
import type { NodeStatus } from "./node-status.ts";

/** A member and how it was last seen; undefined while only the run will tell. */
export interface SeenMember {
  readonly name: string;
  readonly status: NodeStatus | undefined;
}

/** Says how many nodes a pool has, which of them are not well, and which differ after the run; undefined when none does. */
export function summarizeChange(members: readonly SeenMember[]): string | undefined {
  const changing = members.filter(({ status }) => status === undefined).map(({ name }) => name);
  if (changing.length === 0) return undefined;
  const known = members.flatMap(({ name, status }) => (status ? [{ name, status }] : []));
  const ready = known.filter(({ status }) => status.ready === "True");
  const cordoned = ready.filter(({ status }) => "schedulable" in status && !status.schedulable);
  const sick = known.filter((one) => !ready.includes(one));
  const parts = [
    `${members.length} ${members.length === 1 ? "node" : "nodes"}`,
    ...(known.length > 0 ? [`${ready.length} Ready`] : []),
    ...list(
      "not Ready",
      sick.map(({ name, status }) => `${name} (${status.ready})`),
    ),
    ...list(
      "cordoned",
      cordoned.map(({ name }) => name),
    ),
    ...list(`${changing.length} ${changing.length === 1 ? "differs" : "differ"} after this run`, changing),
  ];
  return `${parts.join("; ")}. All nodes: pulumi stack output nodes`;
}

const mostNames = 5;

function list(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const rest = names.length - mostNames;
  return [`${what}: ${names.slice(0, mostNames).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`];
}
