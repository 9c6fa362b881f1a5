// What of a change goes beyond what was approved: another node, another pod that is refused, other data that is lost. What
// is the same or less goes on. Pure.
import { factText } from "../../drain/preview/fact-text.ts";
import type { DisruptionFact, FactKind } from "../../drain/preview/facts.ts";
import type { MetadataFact } from "../../model/declaration-fact.ts";
import { type Happening, happenings, type NodeChange } from "../../model/node-change.ts";
import type { Approved } from "./approved.ts";

/** Lists, in words, each change of a node that was not approved. */
export function nodesBeyond({ nodes }: Approved, changes: readonly NodeChange[]): string[] {
  return changes.flatMap(({ node, happens, formerPool }) => {
    const approved = nodes.get(node);
    if (covers(approved?.happens ?? "stays", happens)) {
      const isSameMove = formerPool === undefined || formerPool === approved?.formerPool;
      if (isSameMove) return [];
      return [`node "${node}" moves from pool ${formerPool}, which was not approved`];
    }
    return [`node "${node}": ${happens}, approved was: ${approved?.happens ?? "stays"}`];
  });
}

// Each of these does to a node's pods what those after it do, and more.
const taking: readonly Happening[] = happenings.slice(0, happenings.indexOf("joins"));

function covers(approved: Happening, actual: Happening): boolean {
  if (actual === approved || actual === "stays") return true;
  // A host that is reset and joined again joins; a run that was interrupted between both does so alone.
  if (actual === "joins") return approved === "rejoins";
  const rank = taking.indexOf(approved);
  if (rank === -1) return false;
  return actual === "is cordoned" || taking.indexOf(actual) > rank;
}

/** Lists, in words, each setting of pools and metadata of nodes that would get a value that was not approved. */
export function settingsBeyond({ facts }: Approved, found: readonly DisruptionFact[]): string[] {
  return found.flatMap((fact) => {
    if (fact.kind !== "pool-setting" && fact.kind !== "node-metadata") return [];
    const same = facts.filter(
      (approved) =>
        approved.kind === fact.kind &&
        approved.pool === fact.pool &&
        approved.field === fact.field &&
        approved.after === fact.after &&
        (approved as Partial<MetadataFact>).key === (fact as Partial<MetadataFact>).key,
    );
    const nodes = new Set(same.flatMap((approved) => (approved as Partial<MetadataFact>).nodes ?? []));
    const isCovered =
      same.length > 0 && (fact.kind === "pool-setting" || fact.nodes.every((node) => nodes.has(node)));
    return isCovered ? [] : [factText(fact)];
  });
}

/**
 * Lists, in words, each warning about something that no approved warning of its kind is about, or about more of it: by
 * owner, budget or volume, and by pod without the part of the name that a controller makes up.
 */
export function warningsBeyond({ facts }: Approved, found: readonly DisruptionFact[]): string[] {
  const approved = tally(facts);
  const known = tally(found);
  const isNew = (fact: DisruptionFact) =>
    [...subjects(fact).keys()].some((subject) => (known.get(subject) ?? 0) > (approved.get(subject) ?? 0));
  return found.filter((fact) => isWarning(fact) && isNew(fact)).map(factText);
}

/** What a drain that begins now would do for good; all else may pass while it waits. */
const lasting: readonly FactKind[] = [
  "lost",
  "refused",
  "not-drained",
  "not-created-again",
  "work-lost",
  "runner-ends",
  "waits-cut",
  "budgets-bypassed",
  "empty-dirs-lost",
  "ephemeral-volumes-lost",
  "host-paths-left",
  "local-volumes-left",
];

/** Keeps the facts that do not pass by themselves in the middle of a run. */
export function lastingOnly(facts: readonly DisruptionFact[]): DisruptionFact[] {
  return facts.filter(({ kind }) => lasting.includes(kind));
}

// Told by the changes of the nodes themselves, or refused already.
const elsewhere: readonly FactKind[] = ["change-refused", "rejoins-vanished"];

function isWarning({ kind, severity }: DisruptionFact): boolean {
  return severity === "warning" && !elsewhere.includes(kind);
}

function tally(facts: readonly DisruptionFact[]): ReadonlyMap<string, number> {
  const all = new Map<string, number>();
  for (const fact of facts.filter(isWarning))
    for (const [subject, count] of subjects(fact)) all.set(subject, (all.get(subject) ?? 0) + count);
  return all;
}

const named = ["budget", "taint", "annotation", "what", "pool", "node", "field", "key"] as const;
const listed = ["owners", "volumes", "pods", "budgets"] as const;

/** Names what a fact is about, with the number of it; a fact about nodes alone is about these. */
function subjects(fact: DisruptionFact): ReadonlyMap<string, number> {
  const fields = fact as unknown as Readonly<Record<string, unknown>>;
  const about = [fact.kind, ...named.map((field) => fields[field] ?? "")];
  const lists = listed.flatMap((list) => (Array.isArray(fields[list]) ? (fields[list] as unknown[]) : []));
  const nodes = lists.length === 0 && Array.isArray(fields.nodes) ? (fields.nodes as unknown[]) : [];
  const found = new Map<string, number>();
  for (const item of [...lists, ...nodes]) {
    const [name, count] = sizeOf(item);
    const subject = JSON.stringify([...about, name]);
    found.set(subject, (found.get(subject) ?? 0) + count);
  }
  return found.size > 0 ? found : new Map([[JSON.stringify(about), 1]]);
}

function sizeOf(item: unknown): readonly [string, number] {
  if (typeof item !== "object" || item === null) return [stableName(String(item)), 1];
  const { owner, pods } = item as { readonly owner: string; readonly pods?: number };
  return [owner, pods ?? 1];
}

// The letters of Kubernetes' made-up names (k8s.io/apimachinery/pkg/util/rand): the template's hash, then five of a pod.
const madeUp = /(-[bcdfghjklmnpqrstvwxz2456789]{8,10})?-[bcdfghjklmnpqrstvwxz2456789]{5}$/;

function stableName(name: string): string {
  return name.replace(madeUp, "");
}
