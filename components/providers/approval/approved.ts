// The review that a human has approved, read from its review.json: what may be done, and what is known to come of it. Pure.
import type { DisruptionFact } from "../../drain/preview/facts.ts";
import { oneLine } from "../../model/foreign-text.ts";
import type { NodeChange } from "../../model/node-change.ts";
import { isMap } from "../../settings/raw-config.ts";
import { fingerprintOf } from "./fingerprint.ts";

/** What was approved for one stack. */
export interface Approved {
  /** Names the review in messages: its commit, if it has one, and its fingerprint. */
  readonly name: string;
  /** What happens to each node. */
  readonly nodes: ReadonlyMap<string, NodeChange>;
  readonly facts: readonly DisruptionFact[];
  readonly server: string;
  readonly cas: readonly string[];
}

/** Which review is asked for. */
export interface WantedApproval {
  /** Where the file is, for messages. */
  readonly path: string;
  /** Fingerprint that was approved; undefined takes the file's word. */
  readonly fingerprint: string | undefined;
  /** Stack that runs, as `organization/project/stack`. */
  readonly owner: string;
}

/** Reads the review of this stack; throws an Error of one sentence when it is none, or not one that can be approved. */
export function readApproved(text: string, wanted: WantedApproval): Approved {
  const review = parse(text, wanted.path);
  const stack = findStack(review, wanted);
  const { cluster, verdict, pools, facts, fingerprint } = stack;
  if (verdict === "refused" || verdict === "failed" || cluster === undefined)
    throw fault(
      wanted.path,
      `says "${verdict}", so that not all of the change is known: it approves nothing`,
    );
  const actual = fingerprintOf(stack);
  if (actual !== fingerprint)
    throw fault(
      wanted.path,
      `was changed after it was made: it calls itself ${oneLine(String(fingerprint))}, its content is ${actual}`,
    );
  if (wanted.fingerprint !== undefined && wanted.fingerprint !== fingerprint)
    throw fault(wanted.path, `is review ${fingerprint}, and approved was ${wanted.fingerprint}`);
  const nodes = pools.flatMap((pool) => pool.nodes.map((change) => [change.node, change] as const));
  const commit = review.head?.commit?.slice(0, 12);
  return {
    name: `the approved review ${fingerprint}${commit === undefined ? "" : ` of commit ${commit}`}`,
    nodes: new Map(nodes),
    facts,
    server: cluster.server,
    cas: cluster.cas,
  };
}

interface WrittenStack {
  readonly stack: string;
  readonly verdict: unknown;
  readonly fingerprint: unknown;
  /** Absent when the review was made without the cluster. */
  readonly cluster?: { readonly owner: string; readonly server: string; readonly cas: readonly string[] };
  readonly pools: readonly { readonly nodes: readonly NodeChange[] }[];
  readonly facts: readonly DisruptionFact[];
}

interface WrittenReview {
  readonly head?: { readonly commit?: string };
  readonly stacks: readonly WrittenStack[];
}

function parse(text: string, path: string): WrittenReview {
  let review: unknown;
  try {
    review = JSON.parse(text);
  } catch {
    throw fault(path, "is no JSON: was it cut off? Fetch the approved one again");
  }
  if (!isMap(review) || review.schema !== 1 || !Array.isArray(review.stacks) || !review.stacks.every(isStack))
    throw fault(path, "is no review.json that this version knows (schema 1)");
  return review as unknown as WrittenReview;
}

/** Checks as much as is read of it: the fingerprint vouches for the rest. */
function isStack(stack: unknown): boolean {
  if (!isMap(stack) || typeof stack.stack !== "string") return false;
  const { pools, facts, cluster } = stack;
  const isPool = (pool: unknown) => isMap(pool) && Array.isArray(pool.nodes) && pool.nodes.every(isMap);
  const hasCluster =
    cluster === undefined ||
    (isMap(cluster) && typeof cluster.server === "string" && Array.isArray(cluster.cas));
  return (
    Array.isArray(pools) && pools.every(isPool) && Array.isArray(facts) && facts.every(isMap) && hasCluster
  );
}

function findStack({ stacks }: WrittenReview, { owner, path }: WantedApproval): WrittenStack {
  const found = stacks.find(({ cluster }) => cluster?.owner === owner);
  if (found !== undefined) return found;
  const offline = stacks.find(({ cluster }) => cluster === undefined);
  if (offline !== undefined && stacks.length === 1)
    throw fault(
      path,
      `is a review of "${oneLine(offline.stack)}" that was made without the cluster: only a review by preview can be approved`,
    );
  const names = stacks.map(({ cluster, stack }) => oneLine(cluster?.owner ?? stack)).slice(0, 3);
  throw fault(path, `is a review of ${names.join(", ") || "no stack"}, and this is ${owner}`);
}

/** Says what is wrong with a file that is to approve. */
export function fault(path: string, what: string): Error {
  return new Error(`NODEPOOLS_APPROVED: "${path}" ${what}. Nothing was done`);
}
