// What a stack tells of a pool in one line of its outputs. Pure.
import type { NodeStatus } from "./node-status.ts";

/** A member and how it was last seen; undefined while only the run will tell. */
export interface SeenMember {
  readonly name: string;
  readonly status: NodeStatus | undefined;
}

/** Says how many nodes a pool has, and which are not Ready or cordoned, or change in this run. */
export function summarizePool(members: readonly SeenMember[]): string {
  const known = members.flatMap(({ name, status }) => (status ? [{ name, status }] : []));
  const changing = members.filter(({ status }) => status === undefined).map(({ name }) => name);
  const ready = known.filter(({ status }) => status.ready === "True");
  const cordoned = ready.filter(({ status }) => "schedulable" in status && !status.schedulable);
  const parts = [
    `${members.length} ${members.length === 1 ? "node" : "nodes"}`,
    ...(known.length > 0 ? [`${ready.length === known.length ? "all" : ready.length} Ready`] : []),
    ...list(
      "not",
      known.filter((one) => !ready.includes(one)).map(({ name, status }) => `${name} (${status.ready})`),
    ),
    ...list(
      "cordoned",
      cordoned.map(({ name }) => name),
    ),
    ...list("changing", changing),
  ];
  return parts.join(", ");
}

const mostNames = 5;

function list(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const rest = names.length - mostNames;
  return [`${what}: ${names.slice(0, mostNames).join(" ")}${rest > 0 ? ` and ${rest} more` : ""}`];
}
