// Holds a run to the review that NODEPOOLS_APPROVED names: asked by the roster, which knows the whole change, and again by
// each node before anything is done to it, since `up --skip-preview` and `--target` do things before the roster is asked.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describeDisruption } from "../drain/preview/describe.ts";
import type { DisruptionFact } from "../drain/preview/facts.ts";
import { caCertHashes } from "../kubeadm/ca-hash.ts";
import type { Refusal } from "../model/declaration-fact.ts";
import type { LeavingPolicy } from "../model/drain-policy.ts";
import type { Happening } from "../model/node-change.ts";
import { type Approved, fault, readApproved } from "./approval/approved.ts";
import { lastingOnly, nodesBeyond, settingsBeyond, warningsBeyond } from "./approval/beyond.ts";
import type { Operation } from "./operation.ts";
import { asFound, nodeChanges } from "./roster/node-changes.ts";
import { findFacts, readSceneOf } from "./roster/preview.ts";
import type { RosterInputs } from "./roster/state.ts";

/** Returns what was approved for this stack; undefined when the run is held to nothing. Throws what is wrong with the approval. */
function approvedFor(operation: Operation, owner: string): Approved | undefined {
  const named = process.env.NODEPOOLS_APPROVED;
  if (named === undefined || named === "") return undefined;
  const { path, fingerprint } = splitName(named);
  const approved = readApproved(readFile(path), { path, fingerprint, owner });
  requireCluster(operation, approved, path);
  return approved;
}

/** A path, and after `#` the fingerprint that was approved: who can write the file cannot write what the approver saw. */
function splitName(named: string): { readonly path: string; readonly fingerprint: string | undefined } {
  const [, path = named, fingerprint] = /^(.*)#([0-9a-f]{16})$/s.exec(named) ?? [];
  return { path: resolve(path), fingerprint };
}

function readFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw fault(path, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** A kubeconfig that trusts no CA of its own is known by its server alone. */
function requireCluster({ kube }: Operation, { cas, server }: Approved, path: string): void {
  const trusted = caCertHashes(kube.caBundle);
  const isSame =
    trusted.length > 0 && cas.length > 0 ? trusted.some((ca) => cas.includes(ca)) : server === kube.server;
  if (isSame) return;
  throw fault(
    path,
    `is a review of the cluster at ${server}, and the kubeconfig's is another one (${kube.server}), or has another CA since`,
  );
}

/** Returns one refusal when the change is more than was approved, or the approval none for it. */
export async function beyondApproved(
  operation: Operation,
  olds: RosterInputs,
  news: RosterInputs,
): Promise<Refusal[]> {
  try {
    const approved = approvedFor(operation, news.owner);
    if (approved === undefined) return [];
    const facts = await findFacts(operation, olds, news);
    const changes = asFound(nodeChanges(olds, news), facts);
    const more = [
      ...nodesBeyond(approved, changes),
      ...settingsBeyond(approved, facts),
      ...warningsBeyond(approved, facts),
    ];
    return more.length === 0 ? [] : [{ reason: explain(approved, more), rule: "NODEPOOLS_APPROVED" }];
  } catch (error) {
    return [{ reason: (error as Error).message, rule: "NODEPOOLS_APPROVED" }];
  }
}

/** A member that something is about to be done to. */
export interface ApprovedMember {
  readonly node: string;
  readonly owner: string;
  readonly pool?: string;
  /** How it is drained, asked when that is looked at; absent where nothing is drained. */
  readonly policy?: () => LeavingPolicy;
}

/**
 * Fails when what is about to be done to a node was not approved, or would do to its pods for good what was not; what its
 * Node gets by `found` is compared as well. Asks the cluster only where pods are drained.
 */
export async function requireApproved(
  operation: Operation,
  member: ApprovedMember,
  happens: Happening,
  found: readonly DisruptionFact[] = [],
): Promise<void> {
  const approved = approvedFor(operation, member.owner);
  if (approved === undefined) return;
  const { node, pool = "" } = member;
  const more = [...nodesBeyond(approved, [{ node, pool, happens }]), ...settingsBeyond(approved, found)];
  if (more.length > 0) throw new Error(explain(approved, more));
  const facts = lastingOnly(await podFacts(operation, member, happens));
  const worse = warningsBeyond(approved, facts);
  if (worse.length > 0) throw new Error(explain(approved, worse));
}

const disruptionOf = {
  lost: "lost",
  leaves: "leaves",
  rejoins: "rejoin",
  reboots: "reboot",
  "is drained": "maintenance",
} as const;

async function podFacts(
  operation: Operation,
  { node, pool = "", owner, policy }: ApprovedMember,
  happens: Happening,
): Promise<DisruptionFact[]> {
  const disruption = happens in disruptionOf ? disruptionOf[happens as keyof typeof disruptionOf] : undefined;
  if (disruption === undefined || policy === undefined) return [];
  const { drain, maxUnavailable } = policy();
  const roster: RosterInputs = {
    ...{ schema: 1, owner, __urn: "" },
    members: [],
    pools: [{ name: pool, maxUnavailable, drain }],
  };
  return describeDisruption(await readSceneOf(operation, roster, [{ node, pool, disruption, drain }]));
}

const shown = 10;

function explain({ name }: Approved, more: readonly string[]): string {
  const rest = more.length > shown ? `; and ${more.length - shown} more` : "";
  return `more than ${name} allows: ${more.slice(0, shown).join("; ")}${rest}. Review the change again and have it approved`;
}
