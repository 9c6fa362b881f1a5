// Which pool a node is paced with whose pool is renamed in the change that removes it.
import { expect, it, vi } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import { followPool } from "../../../components/model/roster.ts";
import { whenPoolAllows } from "../../../components/providers/membership/drain-member.ts";
import { tooManyRemovals } from "../../../components/providers/roster/checks.ts";
import { markLabels } from "../../support/marks.ts";
import { operationOver } from "../../support/operation.ts";
import { membershipInputs, owner, rosterInputs } from "../../support/provider-inputs.ts";

const voice = () => ({ now: vi.fn(), done: vi.fn(), say: vi.fn(), warn: vi.fn() });
const none = () => false;

it.each([
  ["is declared", () => true, [{ from: "a", to: "b" }], "a"],
  ["has no member that stays", none, [{ from: "c", to: "d" }], "a"],
  ["was renamed", none, [{ from: "a", to: "b" }], "b"],
  [
    "was split up",
    none,
    [
      { from: "a", to: "c" },
      { from: "a", to: "b" },
      { from: "a", to: "b" },
    ],
    "b",
  ],
  [
    "was split in halves",
    none,
    [
      { from: "a", to: "c" },
      { from: "a", to: "b" },
    ],
    "b",
  ],
])("follows a pool that %s", (_what, isDeclared, moves, expected) => {
  expect(followPool("a", isDeclared, moves)).toBe(expected);
});

it("J-M16 a node that leaves a pool while it is renamed is paced with those that stay in it", async () => {
  const nodes: Node[] = [];
  const operation = operationOver({ listNodes: async () => nodes });
  operation.told.declared({ node: "w1", owner, pool: "new" });
  operation.told.moves("w1", "old", "new");
  const order: string[] = [];
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const stays = membershipInputs({ node: "w1", pool: "new" });
  const leaves = membershipInputs({ node: "w2", pool: "old" });
  const first = whenPoolAllows(operation, stays, voice(), async () => {
    order.push("w1 begins");
    await ended;
    order.push("w1 ends");
  });
  const second = whenPoolAllows(operation, leaves, voice(), async () => void order.push("w2 begins"));
  await vi.waitUntil(() => order.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 50));
  end();
  await Promise.all([first, second]);
  expect(order).toEqual(["w1 begins", "w1 ends", "w2 begins"]);
});

it("J-M16 a node of the pool that is down counts under the pool's former name too", async () => {
  const labels = markLabels({ owner, pool: "old" });
  const conditions = [{ type: "Ready", status: "False" }];
  const nodes: Node[] = [{ metadata: { name: "w3", labels }, status: { conditions } }];
  const operation = operationOver({ listNodes: async () => nodes });
  operation.told.declared({ node: "w1", owner, pool: "new" });
  operation.told.moves("w1", "old", "new");
  const drain = { timeoutSeconds: 0, deleteEmptyDirData: false, force: false };
  const leaves = membershipInputs({ node: "w2", pool: "old", drain });
  await expect(whenPoolAllows(operation, leaves, voice(), async () => {})).rejects.toThrow(
    /node "w2" of pool "new" out of service: .*down: w3/,
  );
});

it("J-M16 the limits of a pool hold while it is renamed", () => {
  const olds = rosterInputs(["w1", "w2", "w3"]);
  const [pool] = olds.pools;
  const pools = pool ? [{ ...pool, name: "new", limits: { maxRemovals: 2 } }] : [];
  const news = { ...olds, members: [{ node: "w1", pool: "new" }], pools };
  expect(tooManyRemovals(olds, news)).toEqual([]);
});
