// A run that is held to an approved review: what ends it, what goes on, and which file approves nothing.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import type { DisruptionFact } from "../../../components/drain/preview/facts.ts";
import type { Pod } from "../../../components/kube/api.ts";
import { beyondApproved, requireApproved } from "../../../components/providers/approval.ts";
import type { Operation } from "../../../components/providers/operation.ts";
import { findFacts } from "../../../components/providers/roster/preview.ts";
import { poolReviews } from "../../../components/review/pool-reviews.ts";
import { type Findings, withVerdict } from "../../../components/review/review.ts";
import { operationOver } from "../../support/operation.ts";
import { owner, rosterInputs } from "../../support/provider-inputs.ts";
import { node, podOn } from "../drain/preview/scenes.ts";

const folder = mkdtempSync(join(tmpdir(), "approved-"));
const file = join(folder, "review.json");
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const lossy = { timeoutSeconds: 10, force: true, deleteEmptyDirData: true };
const pools = [{ name: "workers", maxUnavailable: 1, drain: lossy }];
const olds = rosterInputs(["w1", "w2", "w3"], { pools });
const news = rosterInputs(["w1", "w2"], { pools });
const scratch = (name: string, of = "cart") =>
  podOn("w3", name, { owner: { kind: "ReplicaSet", name: of }, emptyDir: "disk" });
const before: readonly Pod[] = [scratch("cart-7d9f8b6c5d-abcde")];

function clusterWith(pods: readonly Pod[], more: object = {}): Operation {
  const nodes = ["w1", "w2", "w3", "w4"].map((name) => node(name));
  const lists = { listNodes: async () => nodes, listPods: async () => [...pods] };
  return operationOver({ ...lists, listBudgets: async () => [], ...more });
}

/** Writes the review of w3's removal as `nodepools review` does. */
async function approve(change: (review: Record<string, unknown>) => void = () => undefined, findings = {}) {
  const facts = await findFacts(clusterWith(before), olds, news);
  const found: Findings = {
    stack: "dev",
    cluster: { owner, server: "https://192.0.2.10:6443", cas: [] },
    concerns: [],
    pools: poolReviews({ olds, news }, () => []),
    ...{ hosts: [], connection: [], facts, notes: [] },
    ...findings,
  };
  const stack = withVerdict(found);
  const review = {
    schema: 1,
    project: "nodepools",
    head: { ref: "x", commit: "a".repeat(40) },
    stacks: [stack],
  };
  const written = JSON.parse(JSON.stringify(review)) as Record<string, unknown>;
  change(written);
  writeFileSync(file, JSON.stringify(written));
  vi.stubEnv("NODEPOOLS_APPROVED", file);
  return stack;
}

const refused = async (operation: Operation, declared = news) =>
  (await beyondApproved(operation, olds, declared)).map(({ reason }) => reason.replaceAll(folder, "FOLDER"));

describe("a change that was approved", () => {
  it("is held to nothing where no approval is named", async () => {
    expect(await refused(clusterWith([]), rosterInputs([], { pools }))).toEqual([]);
  });

  it("goes on when it is the same or less, also by pods that were made anew", async () => {
    await approve();
    expect(await refused(clusterWith(before))).toEqual([]);
    expect(await refused(clusterWith([scratch("cart-6c8d7f9b5c-zzzzz")]))).toEqual([]);
    expect(await refused(clusterWith([]))).toEqual([]);
    expect(await refused(clusterWith(before), olds)).toEqual([]);
  });

  it("ends where another node leaves, joins, or moves, naming the review", async () => {
    const { fingerprint } = await approve();
    const declared = rosterInputs(["w1", "w9"], { pools });
    expect(await refused(clusterWith(before), declared)).toEqual([
      `more than the approved review ${fingerprint} of commit aaaaaaaaaaaa allows: node "w9": joins, approved was: stays; node "w2": leaves, approved was: stays. Review the change again and have it approved`,
    ]);
  });

  it("ends where other data is lost, or more of it", async () => {
    await approve();
    const [other] = await refused(clusterWith([...before, scratch("db-0", "db")]));
    expect(other).toContain("; emptyDir data is lost: shop/ReplicaSet cart 1, shop/ReplicaSet db 1.");
    const [more] = await refused(clusterWith([...before, scratch("cart-7d9f8b6c5d-fghij")]));
    expect(more).toContain("allows: emptyDir data is lost: shop/ReplicaSet cart 2.");
  });

  it("ends where a pool would drain by another policy", async () => {
    await approve();
    const changed = pools.map((pool) => ({ ...pool, drain: { ...lossy, onTimeout: "deletePods" as const } }));
    const [reason] = await refused(clusterWith([]), rosterInputs(["w1", "w2"], { pools: changed }));
    expect(reason).toContain("pool workers: drain.onTimeout (not set) → deletePods");
  });
});

describe("before something is done to a node", () => {
  const member = { node: "w3", owner, pool: "workers", policy: () => ({ drain: lossy, maxUnavailable: 1 }) };

  it("is asked again what comes of it, and what passes by itself does not count", async () => {
    await approve();
    await requireApproved(clusterWith(before), member, "leaves");
    await requireApproved(clusterWith([podOn("w3", "web-1")]), member, "leaves");
    await expect(requireApproved(clusterWith([scratch("db-0", "db")]), member, "leaves")).rejects.toThrow(
      /emptyDir data is lost: shop\/ReplicaSet db 1/,
    );
  });

  it("goes on with less than was approved, and not with anything else", async () => {
    await approve();
    await requireApproved(clusterWith([]), member, "reboots");
    const others: [string, Parameters<typeof requireApproved>[2]][] = [
      ["w1", "leaves"],
      ["w2", "is drained"],
      ["w9", "joins"],
      ["w3", "joins"],
    ];
    for (const [node, happens] of others)
      await expect(requireApproved(clusterWith([]), { node, owner }, happens)).rejects.toThrow(
        `node "${node}": ${happens}, approved was`,
      );
  });

  it("gets no label or taint that was not approved", async () => {
    const taint: DisruptionFact = {
      ...({ kind: "node-metadata", severity: "info", pool: "workers", field: "taints" } as const),
      ...{ key: "new:NoExecute", after: "", nodes: ["w1"] },
    };
    await approve();
    const asked = requireApproved(clusterWith([]), { node: "w1", owner }, "stays", [taint]);
    await expect(asked).rejects.toThrow(/taint new:NoExecute \(not set\) → ""/);
    await approve(undefined, { facts: [taint] });
    await requireApproved(clusterWith([]), { node: "w1", owner }, "stays", [taint]);
  });
});

describe("a file that approves nothing is told in one sentence", () => {
  type Stacks = { stacks: Record<string, unknown>[] };
  const stackOf = (review: unknown) => (review as Stacks).stacks[0] ?? {};

  it.each<[string, (review: Record<string, unknown>) => void, object, string]>([
    [
      "of another stack",
      () => undefined,
      { cluster: { owner: "acme/nodepools/prod", server: "s", cas: [] } },
      `is a review of acme/nodepools/prod, and this is ${owner}`,
    ],
    [
      "of another cluster",
      () => undefined,
      { cluster: { owner, server: "https://other:6443", cas: [] } },
      "is a review of the cluster at https://other:6443, and the kubeconfig's is another one (https://192.0.2.10:6443), or has another CA since",
    ],
    [
      "made offline",
      () => undefined,
      { cluster: undefined },
      'is a review of "dev" that was made without the cluster: only a review by preview can be approved',
    ],
    [
      "of a change that is refused",
      () => undefined,
      { concerns: [{ kind: "refused", text: "x" }] },
      'says "refused", so that not all of the change is known: it approves nothing',
    ],
    [
      "edited by hand",
      (review) => {
        stackOf(review).facts = [];
      },
      {},
      "was changed after it was made",
    ],
    [
      "of another kind",
      (review) => {
        delete review.stacks;
      },
      {},
      "is no review.json that this version knows (schema 1)",
    ],
    [
      "with a stack that is none",
      (review) => {
        stackOf(review).pools = 7;
      },
      {},
      "is no review.json that this version knows (schema 1)",
    ],
  ])("%s", async (_what, change, findings, says) => {
    await approve(change, findings);
    const [reason, ...more] = await refused(clusterWith(before));
    expect([reason?.startsWith(`NODEPOOLS_APPROVED: "FOLDER/review.json" ${says}`), reason, more]).toEqual([
      true,
      reason,
      [],
    ]);
    expect(reason).toMatch(/\. Nothing was done$/);
  });

  it("cut off, or not there", async () => {
    await approve();
    writeFileSync(file, '{"schema": 1, "stacks": [');
    expect(await refused(clusterWith(before))).toEqual([
      'NODEPOOLS_APPROVED: "FOLDER/review.json" is no JSON: was it cut off? Fetch the approved one again. Nothing was done',
    ]);
    vi.stubEnv("NODEPOOLS_APPROVED", join(folder, "none.json"));
    expect(await refused(clusterWith(before))).toEqual([
      'NODEPOOLS_APPROVED: "FOLDER/none.json" cannot be read (ENOENT). Nothing was done',
    ]);
  });

  it("with another fingerprint than the one that was approved", async () => {
    const { fingerprint } = await approve();
    vi.stubEnv("NODEPOOLS_APPROVED", `${file}#${fingerprint}`);
    expect(await refused(clusterWith(before))).toEqual([]);
    vi.stubEnv("NODEPOOLS_APPROVED", `${file}#0123456789abcdef`);
    expect(await refused(clusterWith(before))).toEqual([
      `NODEPOOLS_APPROVED: "FOLDER/review.json" is review ${fingerprint}, and approved was 0123456789abcdef. Nothing was done`,
    ]);
  });
});
