// Changes of which a part cannot be finished, with --continue-on-error: bad hosts beside joins, hosts that do not answer
// beside removals. What can be finished is, when a Ready node stays; the state stays whole, and the next run does the rest.
// Hosts join one at a time: they take turns.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { freePorts } from "../support/child-service.ts";
import { nodes, readyNodes } from "./site/nodes.ts";
import { type EngineRun, expectSaid, fails, saidOf, stepsOf, succeeds } from "./site/run.ts";
import { remainsOf, setScene } from "./site/scene.ts";

const scene = setScene("continue", 6);
let run: EngineRun;

function declare(indexes: readonly number[], cluster: object = {}): void {
  const pool = { name: "workers", maxUnavailable: 2, limits: { maxRemovals: "100%" } };
  const hosts = indexes.map((at) => scene.host(at).declare());
  const ssh = { parallelJoins: 1 };
  scene.stack.declare([{ ...pool, drain: { timeoutSeconds: 60 }, hosts }], { ssh, cluster });
}

beforeAll(async () => {
  declare([1, 6]);
  await succeeds(scene.stack.up());
  await scene.pods.create("w1", "one");
  await scene.pods.create("w6", "six");
  await scene.host(2).run("mkdir -p /etc/rancher/k3s");
});

it("J-32 D-P09 no host is touched when the API server does not answer", async () => {
  const [port] = await freePorts(1);
  const { api, folder } = scene.site;
  const kubeconfig = join(folder, "dead.conf");
  writeFileSync(kubeconfig, api.kubeconfigText.replace(/(server: "https:\/\/[^:]+):\d+/, `$1:${port}`));
  const before = scene.hosts.map((host) => host.logins());
  declare([], { kubeconfig, context: "test" });
  const dead = await fails(scene.stack.up("--continue-on-error"));
  expect(saidOf(dead).join("\n")).toContain(`connect ECONNREFUSED 127.0.0.1:${port}`);
  expect(scene.hosts.map((host) => host.logins())).toEqual(before);
  expect(await readyNodes()).toEqual(["w1", "w6"]);
  expect(await scene.pods.staying()).toEqual(["one", "six"]);
});

it("the last nodes stay when the one that was to take their place is refused", async () => {
  declare([2]);
  const refused = await fails(scene.stack.up("--continue-on-error"));
  expectSaid(refused, "HostEnrollment w2", /k3s/);
  const kept = "no node that stays is Ready: w1, w6 are kept. Mend w2 (not in the cluster)";
  expectSaid(refused, "Roster cluster", kept);
  expect(await readyNodes()).toEqual(["w1", "w6"]);
  expect(scene.stack.namesOf("NodeMembership")).toEqual(["w1", "w6"]);
});

it("J-04 D-P03 a host that is refused gives its turn to another one, which takes the place of one that leaves", async () => {
  await scene.host(6).power("off");
  declare([2, 3]);
  run = await fails(scene.stack.up("--continue-on-error"));
  expectSaid(run, "HostEnrollment w2", /k3s/);
  expectSaid(run, "Roster cluster", "cordoned before the first drain: w1, w6");
  expect([...(await nodes()).keys()]).toEqual(["w3", "w6"]);
  expect(await readyNodes()).toEqual(["w3"]);
  expect(await remainsOf(scene.host(1))).toEqual([]);
});

it("J-29 D-P08 a host that is off beside them fails to leave, and nothing is evicted there", async () => {
  expectSaid(
    run,
    "NodeMembership w6",
    /connecting to host "root@127\.0\.0\.1:\d+": .*Check that the host is on.*declare host "w6" with state: lost/,
  );
  expect(await scene.pods.staying()).toEqual(["six"]);
  expect(scene.stack.namesOf("NodeMembership").sort()).toEqual(["w3", "w6"]);
  expect(scene.stack.namesOf("HostEnrollment").sort()).toEqual(["w3", "w6"]);
});

it("a host that is no node is not in the outputs", async () => {
  const { nodes: told } = (await scene.stack.outputs()) as { nodes: Record<string, { removal?: string }> };
  const declared = Object.keys(told).filter((name) => told[name]?.removal === undefined);
  expect(declared).toEqual(["w3"]);
});

it("J-04 J-29 once both hosts are mended one leaves and the other joins, beside hosts that wait for their turns without keeping the engine's only worker", async () => {
  await scene.host(6).power("on");
  await scene.host(2).run("rm -rf /etc/rancher");
  declare([2, 3, 4, 5]);
  await succeeds(scene.stack.up("--parallel", "1"));
  expect(await readyNodes()).toEqual(["w2", "w3", "w4", "w5"]);
  expect([...(await nodes()).keys()]).toEqual(["w2", "w3", "w4", "w5"]);
  expect(await remainsOf(scene.host(6))).toEqual([]);
  expect(stepsOf(await succeeds(scene.stack.preview()))).toEqual([]);
});
