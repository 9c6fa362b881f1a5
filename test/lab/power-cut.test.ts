// Hosts that lose power while they join, are drained or are reset: the run ends by itself, and the next one goes on.
// Two stories side by side, each with hosts and a stack of its own: most of the time is spent waiting.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { power } from "../../lab/lab.ts";
import type { LabStack } from "../../lab/stack.ts";
import { inOrder, nodesAmong, readyAmong, useHosts } from "../support/more-hosts.ts";
import {
  cutPowerOf,
  endWith,
  expectDone,
  holdKubeadm,
  lost,
  mended,
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
  mintedTokens,
  nodes,
  onHost,
  remainsOf,
  uidOf,
  untilSilent,
} from "../support/test-lab.ts";
import { deafDeploymentOn } from "../support/workloads.ts";

useHosts(9);

describe("a power cut while hosts leave", { concurrent: true }, () => {
  const all = ["w1", "w2", "w3", "w4", "w5"];
  let stack: LabStack;

  function declare(...hosts: object[]): void {
    const drain = { timeoutSeconds: 120 };
    const limits = { maxRemovals: 4 };
    // Of a pool that is gone, the nodes leave as they were declared last: all at once.
    const leaving = { name: "leaving", maxUnavailable: 4, limits, drain, hosts };
    stack.declare([{ name: "staying", hosts: [host(1)] }, ...(hosts.length > 0 ? [leaving] : [])]);
  }

  async function isEvicted(app: string): Promise<boolean> {
    const stamps = "jsonpath={.items[*].metadata.deletionTimestamp}";
    return (await kubectl("get", "pods", "-l", `app=${app}`, "-o", stamps)) !== "";
  }

  beforeAll(async () => {
    stack = await createStack("power-leave");
    declare(host(2), host(3), host(4), host(5));
    await succeeds(stack.up());
    await apply(deafDeploymentOn("w2", "two", 60), deafDeploymentOn("w3", "three", 60));
    for (const name of ["two", "three"])
      await kubectl("rollout", "status", `deployment/${name}`, "--timeout=60s");
    await onHost("w4", holdKubeadm("reset", "true"));
    await onHost("w5", holdKubeadm("reset", "test ! -e /etc/kubernetes/kubelet.conf"));
  });

  afterAll(async () => {
    await kubectl("delete", "deployment", "--all", "--wait=false");
    await endWith(stack, all, ["w3", "w4"], () => declare(host(3, mended), host(4, mended)));
  });

  it("ends the run whose drains it cuts short; the Nodes stay, cordoned", inOrder, async () => {
    declare(host(4), host(5));
    const up = stack.up("--continue-on-error");
    for (const app of ["two", "three"]) await eventually(`${app} to be evicted`, 300, () => isEvicted(app));
    await cutPowerOf("w2", "w3");
    const { text } = await fails(up);
    // Drained as far as a dead node can be: the cluster has given these up.
    expect(text).toMatch(/pods left behind on a node that does not answer: default\/two-/);
    for (const index of [2, 3]) expect(text).toMatch(unreachable(index));
    expect(await nodesAmong(all)).toEqual(all);
    expect(await readyAmong(all)).toEqual(["w1", "w4", "w5"]);
    for (const name of ["w2", "w3"]) expect((await nodes()).get(name)?.spec.unschedulable, name).toBe(true);
  });

  it(
    "ends the run whose resets it cuts short, naming each host; what is on again is finished",
    inOrder,
    async () => {
      await power(lab, "w2", "on");
      declare();
      const up = stack.up("--continue-on-error");
      await untilHeld("w4", "w5");
      await cutPowerOf("w4", "w5");
      const { text } = await fails(up);
      for (const index of [4, 5]) {
        expect(text).toMatch(
          new RegExp(
            `resetting on host "root@10\\.89\\.0\\.1${index}:22": the connection was lost .*Check the host and its network, then run again`,
          ),
        );
      }
      expect(text).toMatch(unreachable(3));
      expect(text).toMatch(/released: host reset and clean, Node "w2" deleted/);
      expect(await nodesAmong(all)).toEqual(["w1", "w3", "w4", "w5"]);
      expect(await readyAmong(all)).toEqual(["w1"]);
    },
  );

  it(
    "J-29 names state lost as the way out for hosts that are off; those on again are finished",
    inOrder,
    async () => {
      await power(lab, "w5", "on");
      const run = await fails(stack.up("--continue-on-error"));
      for (const index of [3, 4]) expect(run.text).toMatch(unreachable(index));
      expect(run.text).toMatch(/released: host reset and clean, Node "w5" deleted/);
      for (const name of ["w2", "w5"]) expect(await remainsOf(name), name).toEqual([]);
      expect(await nodesAmong(all)).toEqual(["w1", "w3", "w4"]);
    },
  );

  it("J-29 is over, pods included, when the dead machines are declared lost", inOrder, async () => {
    await untilSilent("w3");
    declare(host(3, lost), host(4, lost));
    const run = await succeeds(stack.up());
    expect(run.text).toMatch(/lost: Node deleted, 1 pod removed \(default\/three-/);
    await expectDone(stack, all, ["w1"]);
  });
});

describe("a power cut while hosts join", { concurrent: true }, () => {
  const all = ["w6", "w7", "w8", "w9"];
  let stack: LabStack;
  let joinedUid: string | undefined;
  const declare = (...hosts: object[]) => stack.declare([{ name: "joining", hosts: [host(9), ...hosts] }]);

  beforeAll(async () => {
    stack = await createStack("power-join");
    declare(host(6), host(7), host(8));
    await onHost("w6", holdKubeadm("join", "test -e /etc/kubernetes/bootstrap-kubelet.conf"));
    await onHost("w7", holdKubeadm("join", "test -e /etc/kubernetes/kubelet.conf"));
    await onHost("w8", holdKubeadm("join", "test -e /etc/kubernetes/bootstrap-kubelet.conf"));
  });

  afterAll(() => endWith(stack, all, ["w8"], () => declare(host(6), host(7), host(8, mended))));

  it(
    "ends the run when the connection is given up for dead, with the remedy on each host's row",
    inOrder,
    async () => {
      const up = stack.up();
      await untilHeld("w6", "w7", "w8");
      await eventually("w7 to be registered", 300, async () => (await nodes()).has("w7"));
      await cutPowerOf("w6", "w7", "w8");
      const run = await fails(up);
      for (const name of ["w6", "w7", "w8"]) {
        expect(run.text).toMatch(
          new RegExp(`command:remote:Command \\(${name}\\):\\n +error: .*Cut short: run pulumi up again`),
        );
      }
      joinedUid = await uidOf("w7");
      expect(await nodesAmong(all)).toEqual(["w7", "w9"]);
    },
  );

  it(
    "J-29 is told host by host, with state lost as the way out, as long as the machines are off",
    inOrder,
    async () => {
      const run = await fails(stack.up("--continue-on-error"));
      for (const index of [6, 8]) expect(run.text).toMatch(unreachable(index));
      expect(run.text).toMatch(/command:remote:Command \(w7\):\n +error: .*10\.89\.0\.17/);
    },
  );

  it(
    "J-08b J-08c ends with one host reset and joined, one finished as it is; a dead one cannot just be deleted",
    inOrder,
    async () => {
      await power(lab, "w6", "on");
      await power(lab, "w7", "on");
      declare(host(6), host(7));
      const run = await fails(stack.up());
      expect(run.text).toMatch(/released: host reset and clean, Node "w6" deleted/);
      expect(run.text).toMatch(unreachable(8));
      expect(await readyAmong(all)).toEqual(["w6", "w7", "w9"]);
      expect(await uidOf("w7")).toBe(joinedUid);
    },
  );

  it("J-29 is over when the dead machine is declared lost", inOrder, async () => {
    declare(host(6), host(7), host(8, lost));
    await succeeds(stack.up());
    await expectDone(stack, all, ["w6", "w7", "w9"]);
  });
});

it("leaves no token of any of these runs", async () => {
  expect(await mintedTokens()).toEqual([]);
});
