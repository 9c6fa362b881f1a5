// How a report says what a review found, in words that Markdown, the page and the terminal share. Pure.
import { factText } from "../drain/preview/fact-text.ts";
import { count, listNames } from "../drain/report.ts";
import { type Happening, happenings, type NodeChange } from "../model/node-change.ts";
import type { Concern, ConcernKind, Review, StackReview, Verdict } from "./review.ts";
import type { SettingChange } from "./setting-changes.ts";

/** The verdict as a title says it. */
export const verdictWords: Readonly<Record<Verdict, string>> = {
  refused: "Refused",
  failed: "Preview failed",
  "will-fail": "Will fail",
  "needs-care": "Needs care",
  fine: "Fine",
  "no-change": "No change",
};

/** The heading of each kind of concern. */
export const concernWords: Readonly<Record<ConcernKind, string>> = {
  refused: "Refused",
  failed: "The preview failed",
  "will-fail": "Will fail",
  "may-not-end": "May not end",
  "data-loss": "Data that is lost or left behind",
  down: "Down for a while",
  "past-budgets": "Past budgets",
  drift: "Changed by hand, and set back",
  unknown: "Not known",
  other: "Besides",
};

/** Says the number of each kind of concern. */
const tallyWords: Readonly<Record<ConcernKind, string>> = {
  refused: "refused",
  failed: "preview failed",
  "will-fail": "will fail",
  "may-not-end": "may not end",
  "data-loss": "data lost",
  down: "down for a while",
  "past-budgets": "past budgets",
  drift: "changed by hand",
  unknown: "not known",
  other: "other warnings",
};

const inPlural: Readonly<Record<Happening, string>> = {
  lost: "are lost",
  leaves: "leave",
  rejoins: "are reset and join again",
  reboots: "reboot",
  "is drained": "are drained",
  joins: "join",
  moves: "move to another pool",
  "is cordoned": "are cordoned",
  "is uncordoned": "are uncordoned",
  stays: "stay as they are",
};

const inSingular: Readonly<Record<Happening, string>> = {
  ...(Object.fromEntries(happenings.map((word) => [word, word])) as Record<Happening, string>),
  lost: "is lost",
  rejoins: "is reset and joins again",
  moves: "moves to another pool",
  stays: "stays as it is",
};

/** Says what happens to so many nodes, without naming them: `3 leave`. */
export function sayHappening(happens: Happening, nodes: number): string {
  return `${nodes} ${(nodes === 1 ? inSingular : inPlural)[happens]}`;
}

/** Groups nodes by what happens to them, the gravest first. */
export function byHappening(nodes: readonly NodeChange[]): (readonly [Happening, readonly NodeChange[]])[] {
  const groups = Map.groupBy(nodes, ({ happens }) => happens);
  return happenings.flatMap((happens) => {
    const group = groups.get(happens);
    return group === undefined ? [] : [[happens, group] as const];
  });
}

/** Says the change in numbers, which are never cut: `3 nodes leave, 2 join`, `41 pods of 12 owners move`. */
export function sayChange({ pools, facts, hosts, connection }: StackReview): string[] {
  const nodes = pools.flatMap((pool) => pool.nodes).filter(({ happens }) => happens !== "stays");
  const [first, ...others] = byHappening(nodes).map(([happens, { length }]) => ({ happens, length }));
  const settings = pools.flatMap((pool) => pool.settings).length + hosts.length + connection.length;
  const moved = facts.flatMap((fact) => (fact.kind === "moves" ? fact.owners : []));
  const pods = moved.reduce((sum, owner) => sum + owner.pods, 0);
  const changes = first && [
    sayHappening(first.happens, first.length).replace(" ", first.length === 1 ? " node " : " nodes "),
    ...others.map(({ happens, length }) => sayHappening(happens, length)),
  ];
  return [
    changes?.join(", ") ?? "no node joins, leaves or is drained",
    ...(pods > 0 ? [`${count(pods, "pod")} of ${count(moved.length, "owner")} move`] : []),
    ...(settings > 0 ? [`${count(settings, "setting")} ${settings === 1 ? "differs" : "differ"}`] : []),
  ];
}

/** Says how many concerns there are of each kind, the gravest first: `will fail: 1`. */
export function sayTallies({ concerns }: StackReview): string[] {
  const kinds = Map.groupBy(concerns, ({ kind }) => kind);
  return [...kinds].map(([kind, { length }]) => `${tallyWords[kind]}: ${length}`);
}

/** Says both in one line. */
export function sayNumbers(stack: StackReview): string {
  return [...sayChange(stack), ...sayTallies(stack)].join("; ");
}

/** Says a changed field: `drain.timeoutSeconds 600 -> 1200`. */
export function saySetting({ field, before, after, hosts }: SettingChange): string {
  const where = hosts ? ` on ${listNames(hosts)}` : "";
  return `${field}: ${before ?? "(not set)"} → ${after ?? "(not set)"}${where}`;
}

/** Says how long the drains of each pool may take, as a limit and not as a forecast, and what budgets make of them. */
export function sayTimes({ pools, facts }: StackReview): string[] {
  const limits = pools.flatMap(({ name, drains }) => {
    if (drains === undefined) return [];
    const { turns, atOnce, turnSeconds } = drains;
    const each = `${count(turns, "turn")} of at most ${count(atOnce, "node")}, ${sayDuration(turnSeconds)} each`;
    return [`the drains of pool ${name} end or fail within ${sayDuration(turns * turnSeconds)} (${each})`];
  });
  return [...limits, ...facts.filter(({ kind }) => kind === "budget-rounds").map(factText)];
}

/** Says seconds as people do: `90 s`, `20 min`, `1 h 40 min`. */
function sayDuration(seconds: number): string {
  if (seconds <= 120 || (seconds < 3600 && seconds % 60 !== 0)) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return [...(hours > 0 ? [`${hours} h`] : []), ...(rest > 0 ? [`${rest} min`] : [])].join(" ");
}

/** Says a concern, and of a refusal the line of YAML that allows it. */
export function sayConcern({ text, allow }: Concern): string {
  return allow === undefined ? text : `${text} ${sayAllowing(allow)} ${allow.yaml}`;
}

/** Introduces the line of YAML that allows what is refused. */
export function sayAllowing({ pool }: NonNullable<Concern["allow"]>): string {
  return `To allow it, in pool ${pool}:`;
}

/** Says what a review rests on: commits, clusters, fingerprints, and what it does not know. */
export function sayProof({ base, head, stacks }: Review): string[] {
  const [before, after] = [base, head].map((one) => one && `${one.commit.slice(0, 12)} (${one.ref})`);
  const several = stacks.length > 1;
  const notes = [...new Set(stacks.flatMap((stack) => stack.notes))];
  return [
    ...(before && after ? [`Compared: ${before} with ${after}.`] : after ? [`Of commit ${after}.`] : []),
    ...stacks.flatMap(({ stack, cluster, fingerprint }) => {
      const of = several ? ` of ${stack}` : "";
      const where = cluster === undefined ? [] : [`Cluster${of}: ${cluster.server}.`];
      return [...where, `Fingerprint${of}: ${fingerprint}.`];
    }),
    ...notes.map((note) => `Note: ${note}.`),
  ];
}
