// Hosts that lose power while they are drained or reset: the run ends by itself, and the next one goes on.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { power } from "../../lab/lab.ts";
import type { LabStack } from "../../lab/stack.ts";
import {
  cutPowerOf,
  endWith,
  expectDone,
  holdKubeadm,
  lost,
  mended,
  timed,
  unreachable,
  untilHeld,
} from "../support/power-cut.ts";
import { fails, succeeds } from "../support/pulumi-run.ts";
import {
  apply,
  createStack,
  eventually,
  host,
  kubectl,
  lab,
  nodes,
  onHost,
  readyNodes,
  remainsOf,
  untilSilent,
} from "../support/test-lab.ts";
import { deafDeploymentOn } from "../support/workloads.ts";

describe("a power cut during drains", () => {
  let stack: LabStack;

  function declare(...hosts: object[]): void {
    const drain = { timeoutSeconds: 120 };
    const limits = { maxRemovals: 2 };
    stack.declare([
      { name: "workers", maxUnavailable: 2, limits, drain, hosts: [host(1), host(4), ...hosts] },
    ]);
  }

  async function isLeaving(app: string): Promise<boolean> {
    const stamps = "jsonpath={.items[*].metadata.deletionTimestamp}";
    return (await kubectl("get", "pods", "-l", `app=${app}`, "-o", stamps)) !== "";
  }

  beforeAll(async () => {
    stack = await createStack("power-drain");
    declare(host(2), host(3));
    await succeeds(stack.up());
    await apply(deafDeploymentOn("w2", "two", 30), deafDeploymentOn("w3", "three", 30));
    for (const name of ["two", "three"])
      await kubectl("rollout", "status", `deployment/${name}`, "--timeout=60s");
  });

  afterAll(async () => {
    await kubectl("delete", "deployment", "--all", "--wait=false");
    await endWith(stack, "w3", () => declare(host(3, mended)));
  });

  it("ends the run once the cluster has given the machines up; their Nodes stay, cordoned", async () => {
    declare();
    const up = timed(stack.up());
    for (const app of ["two", "three"]) await eventually(`${app} to be evicted`, 60, () => isLeaving(app));
    await cutPowerOf("w2", "w3");
    const run = await fails(up);
    expect(run.seconds).toBeLessThan(150);
    for (const index of [2, 3]) expect(run.text).toMatch(unreachable(index));
    expect(run.text).toMatch(/pods left behind on a node that does not answer: default\/two-/);
    expect([...(await nodes()).keys()].sort()).toEqual(["w1", "w2", "w3", "w4"]);
    expect(await readyNodes()).toEqual(["w1", "w4"]);
  });

  it("J-29 is finished by the next run: one host is on again, the other is declared lost", async () => {
    await power(lab, "w2", "on");
    await untilSilent("w3");
    declare(host(3, lost));
    const run = await succeeds(timed(stack.up()));
    expect(run.seconds).toBeLessThan(90);
    expect(run.text).toMatch(/released: host reset and clean, Node "w2" deleted/);
    expect(run.text).toMatch(/lost: Node deleted, 1 pod removed \(default\/three-/);
    expect(await remainsOf("w2")).toEqual([]);
    await expectDone(stack, ["w1", "w4"]);
  });
});

describe("a power cut during resets", () => {
  let stack: LabStack;

  function declare(...hosts: object[]): void {
    stack.declare([{ name: "workers", limits: { maxRemovals: 3 }, hosts: [host(1), ...hosts] }]);
  }

  beforeAll(async () => {
    stack = await createStack("power-reset");
    declare(host(2), host(3), host(4));
    await succeeds(stack.up());
    await onHost("w2", holdKubeadm("reset", "true"));
    await onHost("w3", holdKubeadm("reset", "test ! -e /etc/kubernetes/kubelet.conf"));
    await onHost("w4", holdKubeadm("reset", "true"));
  });

  afterAll(() => endWith(stack, "w4", () => declare(host(4, mended))));

  it("ends the run within a minute of the cut, naming each host; their Nodes stay", async () => {
    declare();
    const up = stack.up();
    await untilHeld("w2", "w3", "w4");
    const start = Date.now();
    await cutPowerOf("w2", "w3", "w4");
    const run = await fails(up);
    expect(Date.now() - start).toBeLessThan(60_000);
    for (const index of [2, 3, 4]) {
      expect(run.text).toMatch(
        new RegExp(
          `resetting on host "root@10\\.89\\.0\\.1${index}:22": the connection was lost .*Check the host and its network, then run again`,
        ),
      );
    }
    expect([...(await nodes()).keys()].sort()).toEqual(["w1", "w2", "w3", "w4"]);
  });

  it("J-29 names state lost as the way out as long as a machine is off", async () => {
    await power(lab, "w2", "on");
    await power(lab, "w3", "on");
    const run = await fails(timed(stack.up("--continue-on-error")));
    expect(run.seconds).toBeLessThan(60);
    expect(run.text).toMatch(unreachable(4));
    for (const name of ["w2", "w3"]) expect(await remainsOf(name)).toEqual([]);
    expect([...(await nodes()).keys()].sort()).toEqual(["w1", "w4"]);
  });

  it("J-29 is over in seconds when the dead machine is declared lost", async () => {
    await untilSilent("w4");
    declare(host(4, lost));
    const run = await succeeds(timed(stack.up()));
    expect(run.seconds).toBeLessThan(40);
    await expectDone(stack, ["w1"]);
  });
});
