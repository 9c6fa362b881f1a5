// Each fact of a preview as one short line for people, few of each kind. Pure.
import type { DeclarationFact, DriftFact } from "../../model/declaration-fact.ts";
import { podDrainLabel } from "../../model/owner.ts";
import { writeAmount } from "../../model/quantity.ts";
import { count, listNames } from "../report.ts";
import type { DisruptionFact, FactKind, FactOf, OwnerCount, Shortage } from "./facts.ts";

const purposes = {
  maintenance: " for maintenance",
  reboot: " and rebooted",
  rejoin: ", reset and joined again",
} as const;

/** Writes the line of each kind; the kinds stand in the order in which they are told. */
const texts: { readonly [Kind in FactKind]: (fact: FactOf<Kind>) => string } = {
  cluster: ({ owner, server }) => `nodes of stack ${owner} in the cluster at ${server}`,
  "change-refused": ({ reason }) => reason,
  joining: ({ pool, nodes }) =>
    `${count(nodes.length, "node")} ${verb(nodes.length, "join")} pool ${pool}: ${listNames(nodes)}`,
  "rejoins-vanished": ({ nodes }) =>
    `${count(nodes.length, "Node")} ${nodes.length === 1 ? "is" : "are"} gone from the cluster: the ${nodes.length === 1 ? "host is" : "hosts are"} reset and joined again: ${listNames(nodes)}`,
  "changes-pool": ({ from, to, nodes }) =>
    `${count(nodes.length, "node")} ${verb(nodes.length, "move")} from pool ${from} to ${to}: ${listNames(nodes)}`,
  cordoned: ({ nodes }) => `cordoned by declaration: ${listNames(nodes)}`,
  uncordoned: ({ nodes }) => `no longer cordoned by declaration: ${listNames(nodes)}`,
  "pool-setting": ({ pool, field, before, after }) => `pool ${pool}: ${field} ${sayChange(before, after)}`,
  "node-metadata": ({ pool, field, key, before, after, nodes }) =>
    `pool ${pool}: ${singular[field]} ${key} ${sayChange(before, after)} on ${listNames(nodes)}`,
  drift: (fact) => sayDrift(fact),
  leaving: ({ nodes }) =>
    `${count(nodes.length, "node")} ${verb(nodes.length, "leave")}: ${listNames(nodes)}`,
  lost: ({ nodes, attachedVolumes }) =>
    `${count(nodes.length, "node")} ${nodes.length === 1 ? "is" : "are"} lost and removed at once: ${listNames(nodes)}; budgets are not checked${attachedVolumes > 0 ? `, and ${count(attachedVolumes, "volume")} ${verb(attachedVolumes, "stay")} attached for 6 minutes` : ""}`,
  drained: ({ purpose, nodes }) =>
    `${count(nodes.length, "node")} ${nodes.length === 1 ? "is" : "are"} drained${purposes[purpose]}: ${listNames(nodes)}`,
  "taint-evicts": ({ taint, nodes, owners }) =>
    `new taint ${taint} on ${listNames(nodes)} evicts ${count(sumPods(owners), "pod")} regardless of budgets: ${listOwners(owners)}`,
  unreachable: ({ nodes, attachedVolumes }) =>
    `unreachable: ${listNames(nodes)}; nothing stops the pods there, and ${count(attachedVolumes, "volume")} ${verb(attachedVolumes, "stay")} attached until the machine is proven off`,
  hooks: ({ point, hooks, nodes }) => `hooks ${point} of ${listNames(nodes)}: ${hooks.join(", ")}`,
  "delete-hooks": ({ annotation, owner, nodes }) =>
    `the removal of ${listNames(nodes)} waits, and fails in the end, while ${owner || "nobody named"} holds it by annotation ${annotation}`,
  moves: ({ owners }) => {
    const pods = sumPods(owners);
    return pods === 0 ? "no pods move" : `${count(pods, "pod")} ${verb(pods, "move")}: ${listOwners(owners)}`;
  },
  finished: ({ pods }) => `finished pods are removed: ${listNames(pods)}`,
  "daemons-end": ({ pods }) => `pods of DaemonSets are evicted as well, last: ${listNames(pods)}`,
  awaited: ({ reason, pods }) => `the drain waits for ${listNames(pods)}: ${reason}`,
  "waits-cut": ({ afterSeconds, pods }) =>
    `WILL BE DELETED BEFORE THEY HAVE COMPLETED if that takes them longer than ${afterSeconds} s, although their label or annotation asks to wait (drain.onTimeout is deletePods): ${listNames(pods)}`,
  "labels-ignored": ({ pods }) =>
    `labels ${podDrainLabel} are ignored (drain.podLabels is ignore): ${listNames(pods)}`,
  refused: ({ reason, nodes, pods }) =>
    `the drain of ${listNames(nodes)} will be refused for ${reason}: ${listNames(pods)}`,
  "not-drained": ({ reason, pods }) => `not drained, stopped with their host: ${reason}: ${listNames(pods)}`,
  "not-drained-stays": ({ reason, pods }) => `stay on their node: ${reason}: ${listNames(pods)}`,
  "not-created-again": ({ pods }) => `gone for good, no controller creates them again: ${listNames(pods)}`,
  "work-lost": ({ owners }) =>
    `work in progress is lost: it starts over or fails for good; an action waitCompleted in drain.rules waits for it: ${listOwners(owners)}`,
  "runner-ends": ({ pods }) =>
    `WOULD END THIS RUN HALF-WAY: it runs in ${listNames(pods)}, which is evicted. Run it outside of these nodes`,
  "asks-to-stay": ({ annotation, pods }) =>
    `evicted although they ask to stay by annotation ${annotation} (drain.podAnnotations: honour waits for them): ${listNames(pods)}`,
  "grace-exceeds-timeout": ({ seconds, pods }) =>
    `may take longer to terminate than drain.timeoutSeconds (${seconds} s), by their grace period: ${listNames(pods)}`,
  "waits-for-pool": ({ pool, maxUnavailable, down, nodes }) =>
    `the ${nodes.length === 1 ? "drain" : "drains"} of ${listNames(nodes)} will wait, and fail in the end, while ${listNames(down)} ${down.length === 1 ? "is" : "are"} down: pool ${pool} may have ${maxUnavailable} down at once (maxUnavailable). Mend ${down.length === 1 ? "it" : "them"} or declare ${down.length === 1 ? "it" : "them"} lost first`,
  "replacements-awaited": ({ seconds, nodes, owners }) =>
    `after ${nodes.length === 1 ? "the drain" : "each drain"} of ${listNames(nodes)} up to ${seconds} s for as many Ready pods as before: ${listNames(owners.map(({ owner, ready }) => `${owner} ${ready}`))}`,
  restarted: ({ owners }) =>
    `moved by a restart of their Deployment, which starts new pods first: ${listOwners(owners)}`,
  "restarted-past-budgets": ({ owners }) =>
    `these rollouts ask no budget and may end pods before new ones are Ready (maxUnavailable of their strategy): ${listOwners(owners)}`,
  down: ({ owners, restartable }) =>
    `down while their only pod moves: ${listNames(owners)}${offerRestart(restartable)}`,
  "budget-rounds": ({ budget, evictions, allowed, now, rounds }) =>
    `budget ${budget} allows ${Math.min(allowed, evictions)} of ${count(evictions, "eviction")} at once: ${sayRounds(now, evictions - now, rounds)}`,
  "budget-exhausted": ({ budget, evictions, needed, healthy }) =>
    `budget ${budget} allows none of ${count(evictions, "eviction")} now (needs ${needed} healthy, has ${healthy}): the drain waits for it`,
  "budget-not-counted": ({ budget, evictions }) =>
    `budget ${budget} is new or has changed, and the cluster has not counted its pods yet: what it allows of ${count(evictions, "eviction")} is not known`,
  "budget-stranded": ({ budget, evictions, allowed, pods }) =>
    `budget ${budget} allows ${allowed} of ${count(evictions, "eviction")} and then none, since no node that stays takes its pods: the drain will fail unless they are scaled down, the budget is deleted or drain.onTimeout is deletePods: ${listNames(pods)}`,
  "budget-hopeless": ({ budget, reason, pods, restartable }) =>
    `budget ${budget} allows no eviction and will not by itself, ${reason} (an operator may still move its pods): ${listNames(pods)}${offerRestart(restartable)}`,
  "budgets-overlap": ({ budgets, pods }) =>
    `no eviction is possible while several budgets (${budgets.join(", ")}) select: ${listNames(pods)}`,
  "budgets-bypassed": ({ afterSeconds, nodes, budgets, pods }) => {
    const concerned = pods.length > 0 ? `; now ${listNames(budgets)}, for ${listNames(pods)}` : "";
    return `BUDGETS WILL BE BYPASSED on ${listNames(nodes)} (drain.onTimeout is deletePods): pods that they still hold are deleted so as to be gone after ${afterSeconds} s${concerned}`;
  },
  "empty-dirs-lost": ({ owners }) => `emptyDir data is lost: ${listOwners(owners)}`,
  "ephemeral-volumes-lost": ({ owners }) =>
    `ephemeral volumes are deleted with their pods: ${listOwners(owners)}`,
  "host-paths-left": ({ owners }) => `hostPath data does not move: ${listOwners(owners)}`,
  "local-volumes-left": ({ volumes }) => `local volumes do not move: ${listNames(volumes)}`,
  "volumes-bound": ({ pods, volumes, returns }) =>
    returns
      ? `cannot run until their node is back: ${listNames(pods)}: bound to it by ${listNames(volumes)}`
      : `cannot run elsewhere: ${listNames(pods)}: bound to leaving nodes by ${listNames(volumes)}`,
  "no-node-accepts": ({ pods, ...room }) =>
    `no place for ${count(pods.length, "pod")}, by taints, nodeSelector, node affinity or volumes, ${sayRoom(room)}: ${listNames(pods)}`,
  "no-node-apart": ({ pods, ...room }) =>
    `no node is left for ${count(pods.length, "pod")} that must not share one with others (pod anti-affinity) ${sayRoom(room)}: ${listNames(pods)}`,
  "no-node-spread": ({ pods, ...room }) =>
    `no node is left for ${count(pods.length, "pod")} that must be spread evenly (topologySpreadConstraints) ${sayRoom(room)}: ${listNames(pods)}`,
  "spread-waits": ({ pods }) =>
    `start elsewhere only once the nodes that leave are deleted, since their topology spread counts cordoned nodes (nodeTaintsPolicy: Honor does not); budgets and waitForReplacements wait in vain: ${listNames(pods)}`,
  "rules-not-checked": ({ pods }) => `not checked: affinity to other pods of ${listNames(pods)}`,
  "no-room": ({ pods, shortages, ...room }) =>
    `no room by requests for ${count(pods.length, "pod")} ${sayRoom(room)}: ${listNames(pods)}; ${shortages.map(sayShortage).join(", ")}`,
  fits: ({ pods, ...room }) => `room by requests for ${count(pods, "pod")} ${sayRoom(room)}`,
  verified: ({ checks, withinSeconds }) =>
    `verified before the first cordon, after each drain and in the end, within ${withinSeconds} s: ${checks.join(", ")}`,
  "check-fails": ({ check, reason }) =>
    `check ${check} does not hold now, and nothing begins while it does not: ${reason}`,
  "check-not-tried": ({ check, reason }) => `check ${check} was not tried: ${reason}`,
  unknown: ({ what, reason }) => `not known: ${what}: ${reason}`,
};

const singular = { labels: "label", annotations: "annotation", taints: "taint" } as const;

function sayChange(before: string | undefined, after: string | undefined): string {
  const say = (value: string | undefined) => (value === undefined ? "(not set)" : value || '""');
  return `${say(before)} → ${say(after)}`;
}

function sayDrift({ node, field, key, declared, found, severity }: DriftFact): string {
  if (field === "schedulable") return `node ${node}: its declared cordon was lifted, and is set again`;
  const what = field === "pool" ? "the mark of its pool" : `${singular[field]} ${key}`;
  const seen = found === undefined ? "is gone" : `is ${JSON.stringify(found)}`;
  const effect = severity === "warning" ? ", which evicts pods that do not tolerate it" : "";
  return `node ${node}: ${what} ${seen}, declared is ${JSON.stringify(declared)}, and is set back${effect}`;
}

/** Lists the kinds about the declaration, which no scene of pods tells. */
export const declarationKinds: ReadonlySet<FactKind> = new Set<DeclarationFact["kind"]>([
  "cluster",
  "change-refused",
  "joining",
  "rejoins-vanished",
  "changes-pool",
  "cordoned",
  "uncordoned",
  "pool-setting",
  "node-metadata",
  "drift",
]);

/** Tells whether the rows of the resources show it as well: such facts are for tools alone. */
function isOnRows({ kind }: DisruptionFact): boolean {
  return declarationKinds.has(kind) && kind !== "drift";
}

/** Lists the kinds in the order in which they are told. */
export const factKinds = Object.keys(texts) as readonly FactKind[];

/** One line, and how much it matters. */
export interface FactLine {
  readonly text: string;
  readonly severity: DisruptionFact["severity"];
}

const shownPerKind = 5;

/**
 * Says facts in their order: the first five of each kind, and how many more there are; without those that are on the
 * resources' rows anyway.
 */
export function factLines(facts: readonly DisruptionFact[]): FactLine[] {
  const told = facts.filter((fact) => !isOnRows(fact));
  return [...Map.groupBy(told, ({ kind }) => kind)].flatMap(([kind, group]) => {
    const lines = group.map((fact) => ({ text: factText(fact), severity: fact.severity }));
    const rest = lines.slice(shownPerKind);
    const [first] = rest;
    if (first === undefined) return lines;
    const text = `${rest.length} more of ${kind}; NODEPOOLS_FACTS=json tells all`;
    return [...lines.slice(0, shownPerKind), { ...first, text }];
  });
}

/** Says a fact in one line. */
export function factText(fact: DisruptionFact): string {
  // The table pairs each kind with its own fact, which a lookup by a union cannot show.
  const text = texts[fact.kind] as (fact: DisruptionFact) => string;
  return text(fact);
}

function sumPods(owners: readonly OwnerCount[]): number {
  return owners.reduce((sum, { pods }) => sum + pods, 0);
}

function verb(n: number, plural: string): string {
  return n === 1 ? `${plural}s` : plural;
}

function listOwners(owners: readonly OwnerCount[]): string {
  return listNames(owners.map(({ owner, pods }) => `${owner} ${pods}`));
}

function offerRestart(owners: readonly string[]): string {
  if (owners.length === 0) return "";
  return `; action restart in drain.rules starts new pods of ${listNames(owners)} first`;
}

function sayRounds(now: number, later: number, rounds: number): string {
  const rest = later > 0 ? `, ${later} ${verb(later, "wait")}` : "";
  return `${now} now${rest}, ${count(rounds, "round")}`;
}

function sayRoom({
  nodes,
  joining,
}: {
  readonly nodes: number;
  readonly joining: readonly string[];
}): string {
  const uncounted =
    joining.length > 0 ? `, not counting ${listNames(joining)} that ${verb(joining.length, "join")}` : "";
  return `on the ${count(nodes, "node")} that ${verb(nodes, "stay")} and ${verb(nodes, "take")} pods${uncounted}`;
}

function sayShortage({ resource, asked, left }: Shortage): string {
  const [askedText, leftText] = [writeAmount(resource, asked), writeAmount(resource, left)];
  if (asked <= left) return `${resource}: ${askedText} asked, ${leftText} left, in parts too small`;
  return `missing ${resource} ${writeAmount(resource, asked - left)} (${askedText} asked, ${leftText} left)`;
}
