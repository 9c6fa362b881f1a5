// A removal as a stack declares it that leaves nothing to chance: hooks on the host and as Jobs, a restart where a budget
// forbids every eviction, replacements that are waited for, checks; stopped and gone on with at each of them.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { nodeNamed, nodes, readyNodes } from "./site/nodes.ts";
import { expectSaid, fails, succeeds } from "./site/run.ts";
import { remainsOf, setScene } from "./site/scene.ts";
import { startWorkloads, type Workloads } from "./site/workloads.ts";

const scene = setScene("whole", 2);
let workloads: Workloads;

const folder = mkdtempSync(join(tmpdir(), "nodepools-hooks-"));
const trace = join(folder, "trace");
const gate = join(folder, "gate");
const traceOf = () => readFileSync(trace, "utf8").trim().split("\n");

const named = (name: string, command: string) => ({ name, command, timeoutSeconds: 20 });
const snapshot = { spec: { template: { spec: { containers: [{ name: "main", image: "none" }] } } } };
const hooks = {
  beforeDrain: [
    named("stop-jobs", `echo "$NODEPOOLS_POINT" >> ${trace}`),
    { name: "snapshot", job: { namespace: "default", manifest: snapshot }, timeoutSeconds: 60 },
  ],
  afterDrain: [
    named(
      "unmount",
      `test -e ${gate} || { echo "array is busy"; exit 9; }; echo "$NODEPOOLS_POINT" >> ${trace}`,
    ),
  ],
  beforeReset: [named("archive", `echo "$NODEPOOLS_POINT" >> ${trace}`)],
};
const drain = {
  timeoutSeconds: 60,
  waitForReplacements: 10,
  rules: [{ name: "singletons", pods: "app=mail", action: "restart" }],
};
const checks = [{ name: "shop", namespace: "default", workload: "Deployment/shop" }];

/** What a preview says, and `up` before it begins. */
const told = [
  "hooks beforeDrain of w2: stop-jobs, snapshot",
  "after the drain of w2 up to 10 s for as many Ready pods as before: default/Deployment mail 1, default/Deployment shop 2",
  "moved by a restart of their Deployment, which starts new pods first: default/Deployment mail 1",
  "within 10 s: shop (default/Deployment shop)",
];

function declare(count: number): void {
  const hosts = scene.hosts.map((host) => host.declare());
  const limits = { maxRemovals: "100%" };
  const pool = { name: "workers", count, drain, hooks, limits, hosts };
  scene.stack.declare([pool], { cluster: { verify: { withinSeconds: 10, checks } } });
}

beforeAll(async () => {
  declare(2);
  await succeeds(scene.stack.up());
  workloads = await startWorkloads(scene.site);
  await workloads.deploy("shop", 2, "w2");
  await workloads.deploy("mail", 1, "w2");
  await workloads.setBudget("mail", 1);
});
afterAll(() => workloads?.[Symbol.asyncDispose]());

it("J-H06 D-R02 D-R08 is told in all its steps, and stops where replacements do not start: the restarted one stayed up, the host is untouched", async () => {
  workloads.places.set("mail", "w1");
  workloads.places.delete("shop");
  declare(1);
  const run = await fails(scene.stack.up());
  for (const step of told) expectSaid(run, "Roster cluster", step);
  expectSaid(run, "NodeMembership w2", 'hook beforeDrain "snapshot": done after');
  expectSaid(run, "NodeMembership w2", "snapshot of nodepools kept");
  expectSaid(
    run,
    "NodeMembership w2",
    /10 s later 1 owner of them has fewer Ready pods than before \(default\/Deployment shop 0 of 2\)/,
  );
  expectSaid(run, "NodeMembership w2", "Pending: ");
  expectSaid(
    run,
    "NodeMembership w2",
    "restarted by rollout, so that new pods start before the old ones end: default/Deployment mail",
  );
  expect(await workloads.readyOn("mail")).toEqual(["w1"]);
  expect(traceOf()).toEqual(["beforeDrain"]);
  expect(await workloads.jobs()).toEqual(["snapshot"]);
  expect((await nodeNamed("w2")).spec?.unschedulable).toBe(true);
  expect(await remainsOf(scene.host(2))).toContain("/etc/kubernetes/kubelet.conf");
});

it("J-H06 begins nothing more while a check does not hold, and after a hook that failed goes on with that", async () => {
  expectSaid(
    await fails(scene.stack.up()),
    "Roster cluster",
    "shop (default/Deployment shop): 0 of 2 pods Ready",
  );
  workloads.places.set("shop", "w1");
  const run = await fails(scene.stack.up());
  expectSaid(run, "NodeMembership w2", 'hook afterDrain "unmount" of node "w2"');
  expectSaid(run, "NodeMembership w2", "array is busy");
  expectSaid(run, "NodeMembership w2", "The Node is drained and stays cordoned, its host is not touched.");
  expect(traceOf()).toEqual(["beforeDrain"]);
  expect(await remainsOf(scene.host(2))).toContain("/etc/kubernetes/kubelet.conf");
});

it("J-H06 ends with what was measured, each hook run once, and a host as good as new", async () => {
  writeFileSync(gate, "");
  const run = await succeeds(scene.stack.up());
  expect(traceOf()).toEqual(["beforeDrain", "afterDrain", "beforeReset"]);
  expect(await workloads.jobs()).toEqual(["snapshot"]);
  expectSaid(run, "Roster cluster", /pool workers, \d+ s: 1 node drained \(w2\); 0 pods moved/);
  expectSaid(run, "Roster cluster", "verified: 1 check of nodepools:cluster.verify holds");
  expect([[...(await nodes()).keys()], await readyNodes()]).toEqual([["w1"], ["w1"]]);
  expect(await remainsOf(scene.host(2))).toEqual([]);
  expect(await workloads.readyOn("shop")).toEqual(["w1", "w1"]);
});
