// Removals that cannot be finished because a host or the API server does not answer: they fail and are resumed later.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { freePorts } from "../support/child-service.ts";
import { nodes, readyNodes } from "./site/nodes.ts";
import { expectSaid, fails, saidOf, succeeds } from "./site/run.ts";
import { remainsOf, setScene } from "./site/scene.ts";

const scene = setScene("unreachable", 2);

function declare(count: number, cluster: object = {}): void {
  const pool = { name: "workers", count, maxUnavailable: 2, limits: { maxRemovals: 2 } };
  const hosts = scene.hosts.map((host) => host.declare());
  scene.stack.declare([{ ...pool, drain: { timeoutSeconds: 60 }, hosts }], { cluster });
}

beforeAll(async () => {
  declare(2);
  await succeeds(scene.stack.up());
  await scene.pods.create("w1", "one");
  await scene.pods.create("w2", "two");
});

it("J-32 D-P09 touches no host when the API server does not answer", async () => {
  const [port] = await freePorts(1);
  const { api, folder } = scene.site;
  const kubeconfig = join(folder, "dead.conf");
  writeFileSync(kubeconfig, api.kubeconfigText.replace(/(server: "https:\/\/[^:]+):\d+/, `$1:${port}`));
  const before = scene.hosts.map((host) => host.logins());
  declare(0, { kubeconfig, context: "test" });
  const run = await fails(scene.stack.up("--continue-on-error"));
  expect(saidOf(run).join("\n")).toContain(`connect ECONNREFUSED 127.0.0.1:${port}`);
  expect(scene.hosts.map((host) => host.logins())).toEqual(before);
  expect(await readyNodes()).toEqual(["w1", "w2"]);
  expect(await scene.pods.staying()).toEqual(["one", "two"]);
});

it("J-29 D-P08 fails for a host that is off and evicts nothing there; the other host is finished", async () => {
  await scene.host(1).power("off");
  declare(0);
  const run = await fails(scene.stack.up("--continue-on-error"));
  expectSaid(
    run,
    "NodeMembership w1",
    /connecting to host "root@127\.0\.0\.1:\d+": .*Check that the host is on.*declare host "w1" with state: lost/,
  );
  expect(await scene.pods.staying()).toEqual(["one"]);
  expect([...(await nodes()).keys()]).toEqual(["w1"]);
  expect(await remainsOf(scene.host(2))).toEqual([]);
  expect(scene.stack.namesOf("NodeMembership")).toEqual(["w1"]);
  expect(scene.stack.namesOf("HostEnrollment")).toEqual(["w1"]);
});

it("J-29 finishes once the host is on again", async () => {
  await scene.host(1).power("on");
  await succeeds(scene.stack.up());
  expect([...(await nodes()).keys()]).toEqual([]);
  expect(await remainsOf(scene.host(1))).toEqual([]);
});
