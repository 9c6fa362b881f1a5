// The main job: a pool grows and shrinks by `count`, and nobody notices but the nodes.
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { markLabels } from "../support/marks.ts";
import { nodeNamed, nodes, readyNodes, tokens } from "./site/nodes.ts";
import { type EngineRun, expectSaid, saidOf, stepsOf, succeeds } from "./site/run.ts";
import { remainsOf, setScene } from "./site/scene.ts";

const scene = setScene("scale", 4);

function declare(count: number, cluster = {}): void {
  const [labels, limits] = [{ "example.com/tier": "general" }, { maxRemovals: "100%" }];
  const hosts = scene.hosts.map((host) => host.declare());
  scene.stack.declare([{ name: "workers", count, labels, limits, hooks, hosts }], { cluster });
}

const verify = { withinSeconds: 10, checks: [{ name: "web", namespace: "default", pods: "app=web" }] };

const trace = join(mkdtempSync(join(tmpdir(), "nodepools-hooks-")), "trace");
const command = `echo "$NODEPOOLS_NODE $NODEPOOLS_OCCASION $NODEPOOLS_POINT" | tee -a ${trace}`;
const [hook] = [{ name: "trace", command, timeoutSeconds: 30 }];
const hooks = { beforeDrain: [hook], afterDrain: [hook], beforeReset: [hook], afterJoin: [hook] };
const traceOf = (node: string) =>
  readFileSync(trace, "utf8")
    .split("\n")
    .filter((line) => line.startsWith(`${node} `))
    .map((line) => line.slice(node.length + 1));

async function scaleTo(count: number, cluster = {}): Promise<EngineRun> {
  declare(count, cluster);
  const run = await succeeds(scene.stack.up());
  expect(await readyNodes()).toEqual(["w1", "w2", "w3", "w4"].slice(0, count));
  return run;
}

const logins = () => scene.hosts.map((host) => host.logins());

it("J-H01 joins the first three hosts, stamped and labelled, revokes their tokens and runs the hooks", async () => {
  expectSaid(await scaleTo(3), "NodeMembership w1", 'hook afterJoin "trace": done after');
  expect(traceOf("w1")).toEqual(["join afterJoin"]);
  const { metadata } = await nodeNamed("w1");
  const marks = markLabels({ owner: scene.stack.owner, pool: "workers" });
  expect(metadata?.labels).toMatchObject({ "example.com/tier": "general", ...marks });
  expect(metadata?.annotations).toMatchObject({
    "nodepools.local/owner": scene.stack.owner,
    "nodepools.local/pool": "workers",
  });
  expect(await tokens()).toEqual([]);
  expect(scene.host(4).logins()).toBe(0);
});

it("tells each node's status in the outputs of the stack", async () => {
  const status = {
    pool: "workers",
    ready: "True",
    schedulable: true,
    kubeletVersion: scene.site.version,
    containerRuntime: "containerd://2.0.0",
    internalIp: "127.0.0.1",
    conditions: [],
    capacity: { cpu: "4", memory: "8Gi", pods: "110" },
    allocatable: { cpu: "4", memory: "8Gi", pods: "110" },
  };
  expect((await scene.stack.outputs()).nodes).toEqual({ w1: status, w2: status, w3: status });
});

it("J-01 D-P15 changes nothing and logs in nowhere when run again", async () => {
  const before = logins();
  expect(stepsOf(await succeeds(scene.stack.up("--expect-no-changes")))).toEqual([]);
  expect(logins()).toEqual(before);
});

it("previews which pods leave which nodes, and writes nothing", async () => {
  for (const [at, node] of ["w1", "w2", "w2", "w3"].entries()) await scene.pods.create(node, `web-${at}`);
  const status = { currentHealthy: 4, desiredHealthy: 3, disruptionsAllowed: 3, expectedPods: 4 };
  await scene.pods.setBudget("web", { maxUnavailable: 1 }, status);
  declare(1, { verify });
  const said = saidOf(await succeeds(scene.stack.preview()), "Roster cluster").join("\n");
  expect(said).toContain("2 nodes leave: w2, w3");
  expect(said).toContain("hooks beforeReset of w2, w3: trace");
  expect(said).toContain("3 pods move: default/ReplicaSet web 3");
  expect(said).toMatch(/budget default\/web allows (\d|none) of \d evictions/);
  expect(said).toMatch(/room by requests for \d pods on the 1 node that stays and takes pods/);
  expect(said).toContain('within 10 s: web (pods "app=web" of namespace default)');
  expect(await readyNodes()).toEqual(["w1", "w2", "w3"]);
});

it("J-26 D-P01 drains two nodes and gives their hosts back as good as new", async () => {
  const run = await scaleTo(1, { verify });
  expectSaid(run, "Roster cluster", "cordoned before the first drain: w2, w3");
  expectSaid(run, "Roster cluster", /pool workers, \d+ s: 2 nodes drained \(w2, w3\); 3 pods moved/);
  expectSaid(run, "Roster cluster", "verified: 1 check of nodepools:cluster.verify holds");
  expect(await scene.pods.staying()).toEqual(["web-0"]);
  expect([...(await nodes()).keys()]).toEqual(["w1"]);
  for (const index of [2, 3]) expect(await remainsOf(scene.host(index))).toEqual([]);
  const leaving = ["leave beforeDrain", "leave afterDrain", "leave beforeReset"];
  expect(traceOf("w3")).toEqual(["join afterJoin", ...leaving]);
});

it("J-03 joins only the second host, which left before, when the count grows to 2", async () => {
  const before = logins();
  await scaleTo(2);
  expect(logins().flatMap((count, at) => (count === before[at] ? [] : [`w${at + 1}`]))).toEqual(["w2"]);
});

it("J-35 drains the rest at count 0, which leaves no nodes", async () => {
  await scene.pods.deleteBudget("web");
  await scaleTo(0);
  expect([...(await nodes()).keys()]).toEqual([]);
  expect(scene.stack.namesOf("HostEnrollment")).toEqual([]);
  expect(await scene.pods.staying()).toEqual([]);
});
