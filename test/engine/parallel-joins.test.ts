// More new hosts than may join at once: they take turns, also when the engine has fewer workers than there are hosts.
import { expect, it } from "vitest";
import { readyNodes } from "./site/nodes.ts";
import { expectSaid, fails, succeeds } from "./site/run.ts";
import { setScene } from "./site/scene.ts";

const scene = setScene("turns", 4);

/** Declares one pool of these hosts, of which one may join at a time. */
function declare(count: number): void {
  const hosts = scene.hosts.slice(0, count).map((host) => host.declare());
  scene.stack.declare([{ name: "workers", hosts }], { ssh: { parallelJoins: 1 } });
}

it("J-04 a host that is refused gives its turn on", async () => {
  await scene.host(1).run("mkdir -p /etc/rancher/k3s");
  declare(2);
  expectSaid(await fails(scene.stack.up("--continue-on-error")), "HostEnrollment w1", /k3s/);
  expect(await readyNodes()).toEqual(["w2"]);
});

it("J-04 hosts wait for their turns without keeping the engine's only worker", async () => {
  await scene.host(1).run("rm -rf /etc/rancher");
  declare(4);
  await succeeds(scene.stack.up("--parallel", "1"));
  expect(await readyNodes()).toEqual(["w1", "w2", "w3", "w4"]);
});
