// The review of a change by a preview of the real engine: a report each time, whatever the preview comes to.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { changeNode, nodeNamed, nodes } from "./site/nodes.ts";
import { review, reviewFile } from "./site/review.ts";
import { expectSaid, fails, succeeds } from "./site/run.ts";
import { setScene } from "./site/scene.ts";

const scene = setScene("reviewed", 3);

const knownFailure =
  'pool "workers": known to fail: the drain of w3 will be refused for pods without a controller';

function declare(count: number, more: object = {}): void {
  const hosts = scene.hosts.map((host) => host.declare());
  scene.stack.declare([{ name: "workers", count, hosts, ...more }]);
}

beforeAll(async () => {
  declare(3);
  await succeeds(scene.stack.up());
});

it("J-38 finds nothing where nothing changes but somebody's own cordon, which is no drift", async () => {
  await changeNode("w1", { spec: { unschedulable: true } });
  const { status, stack } = await review(scene, "--fail-on", "drift");
  await changeNode("w1", { spec: { unschedulable: null } });
  expect([status, stack.verdict, stack.concerns]).toEqual([0, "no-change", []]);
  expect(stack.pools).toMatchObject([{ name: "workers", before: 3, after: 3 }]);
  // The event log has told of them, not the config.
  expect(stack.notes.join()).not.toContain("did not come as far");
});

it("tells the facts of a removal, and that its drain will be refused", async () => {
  await scene.pods.create("w3", "web");
  await scene.pods.create("w3", "bare", { owner: "none" });
  declare(2, { drain: { timeoutSeconds: 60 } });
  const { status, stack, texts } = await review(scene);
  expect([status, stack.verdict]).toEqual([21, "will-fail"]);
  expect(stack.facts).toContainEqual({ kind: "leaving", severity: "info", nodes: ["w3"] });
  expect(stack.pools).toMatchObject([
    {
      before: 3,
      after: 2,
      nodes: [{ happens: "stays" }, { happens: "stays" }, { node: "w3", happens: "leaves" }],
      settings: [{ field: "drain.timeoutSeconds", before: "600", after: "60" }],
    },
  ]);
  const key = readFileSync(scene.site.sshKey.privateKeyFile, "utf8").split("\n")[1] ?? "";
  const token = /"?token"?: *"?([^\s"}]+)/.exec(readFileSync(scene.site.identityPath, "utf8"))?.[1] ?? "";
  expect([key, token].map(({ length }) => length > 40)).toEqual([true, true]);
  expect(texts.map((text) => text.includes(key) || text.includes(token))).toEqual([false, false, false]);
});

it("ends an up that would do more than was approved, or what the pool refuses as known to fail, before its first cordon", async () => {
  await scene.pods.create("w3", "late", { owner: "none" });
  declare(2, { drain: { timeoutSeconds: 60 }, limits: { refuseKnownFailures: true } });
  scene.stack.environment.NODEPOOLS_APPROVED = reviewFile(scene);
  const run = await fails(scene.stack.up());
  delete scene.stack.environment.NODEPOOLS_APPROVED;
  expect(run.text).toMatch(
    /more than the approved review [0-9a-f]{16}( of commit [0-9a-f]{12})? allows: .*late/,
  );
  expectSaid(run, "Roster cluster", knownFailure);
  expect((await nodeNamed("w3")).spec?.unschedulable).toBeUndefined();
});

it("is refused as the preview is, reason by reason in the same words, with a code of its own", async () => {
  declare(1, { limits: { refuseKnownFailures: true } });
  const { status, stack } = await review(scene);
  expect([status, stack.verdict]).toEqual([20, "refused"]);
  expect(stack.concerns).toEqual([
    {
      kind: "refused",
      text: expect.stringMatching(/^pool "workers": 2 of 3 nodes leave \(w2, w3\), limits/),
      names: ["w2", "w3"],
      allow: { pool: "workers", yaml: "limits: { maxRemovals: 2 }" },
    },
    {
      kind: "refused",
      text: expect.stringContaining(knownFailure),
      names: ["w3"],
      allow: { pool: "workers", yaml: "limits: { refuseKnownFailures: false }" },
    },
  ]);
});

it("fails where the config is wrong, with what the program said", async () => {
  declare(9);
  const { status, stack } = await review(scene);
  expect(stack.verdict).toBe("failed");
  // The CLI's own code.
  expect(status).toBeGreaterThan(0);
  expect(status).toBeLessThan(20);
  expect(stack.concerns.map(({ text }) => text).join("\n")).toContain("pools[0].count");
});

it("lets an up go on that does what was approved, held to a saved plan besides", async () => {
  for (const name of ["bare", "late"])
    await scene.site.core.deleteNamespacedPod({ name, namespace: "default", gracePeriodSeconds: 0 });
  declare(2);
  const plan = join(scene.site.folder, "plan.json");
  expect((await review(scene, "--", "--save-plan", plan)).status).toBe(0);
  scene.stack.environment.NODEPOOLS_APPROVED = reviewFile(scene);
  await succeeds(scene.stack.up("--plan", plan));
  delete scene.stack.environment.NODEPOOLS_APPROVED;
  expect([...(await nodes()).keys()].sort()).toEqual(["w1", "w2"]);
});
