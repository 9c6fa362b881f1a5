// Hosts that lose power while they join, are drained or are reset: the run ends by itself, and the next one goes on. All
// of it in the same runs: most of the time is spent waiting.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { power } from "../../lab/lab.ts";
import type { LabStack } from "../../lab/stack.ts";
import { restoreKubeadm } from "../support/held-kubeadm.ts";
import { discardHosts, useHosts } from "../support/more-hosts.ts";
import { cutPowerOf, holdKubeadm, unreachable, untilHeld } from "../support/power-cut.ts";
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
  readyNodes,
  remainsOf,
  uidOf,
  untilSilent,
} from "../support/test-lab.ts";
import { deafDeploymentOn } from "../support/workloads.ts";

const lost = { state: "lost" };

// The machines that are never on again.
afterAll(() => discardHosts("w6", "w7", "w8"));
useHosts(8);

// w1 stays. Cut while they join: w4, w5 and w6; in their drains: w2 and w7; in their resets: w3 and w8.
describe("a power cut", () => {
  let stack: LabStack;
  let joinedUid: string | undefined;

  function declare(joining: readonly object[], leaving: readonly object[]): void {
    const drain = { timeoutSeconds: 120 };
    const limits = { maxRemovals: 4 };
    stack.declare([
      { name: "joining", hosts: [host(1), ...joining] },
      // Of a pool that is gone, the nodes leave as they were declared last: all at once.
      ...(leaving.length > 0 ? [{ name: "leaving", maxUnavailable: 4, limits, drain, hosts: leaving }] : []),
    ]);
  }

  async function isEvicted(app: string): Promise<boolean> {
    const stamps = "jsonpath={.items[*].metadata.deletionTimestamp}";
    return (await kubectl("get", "pods", "-l", `app=${app}`, "-o", stamps)) !== "";
  }

  const nodeNames = async () => [...(await nodes()).keys()].sort();

  beforeAll(async () => {
    stack = await createStack("power");
    declare([], [host(2), host(3), host(7), host(8)]);
    await succeeds(stack.up());
    await apply(deafDeploymentOn("w2", "two", 60), deafDeploymentOn("w7", "seven", 60));
    for (const name of ["two", "seven"])
      await kubectl("rollout", "status", `deployment/${name}`, "--timeout=60s");
    await Promise.all([
      onHost("w3", holdKubeadm("reset", "true")),
      onHost("w8", holdKubeadm("reset", "test ! -e /etc/kubernetes/kubelet.conf")),
      onHost("w4", holdKubeadm("join", "test -e /etc/kubernetes/bootstrap-kubelet.conf")),
      onHost("w5", holdKubeadm("join", "test -e /etc/kubernetes/kubelet.conf")),
      onHost("w6", holdKubeadm("join", "test -e /etc/kubernetes/bootstrap-kubelet.conf")),
    ]);
  });

  afterAll(async () => {
    await kubectl("delete", "deployment", "--all", "--wait=false");
    await restoreKubeadm("w3", "w4", "w5");
    await succeeds(stack.destroy());
    for (const name of ["w1", "w4", "w5"]) expect(await remainsOf(name), name).toEqual([]);
  });

  it("ends the run whose joins, drains and resets it cuts short, with the remedy for each host", async () => {
    declare([host(4), host(5), host(6)], []);
    const up = stack.up("--continue-on-error");
    await untilHeld("w4", "w5", "w6");
    await kubectl("wait", "node/w5", "--for=create", "--timeout=300s");
    await cutPowerOf("w4", "w5", "w6");
    // Removals begin when the joins are given up.
    await untilHeld("w3", "w8");
    for (const app of ["two", "seven"]) await eventually(`${app} to be evicted`, 300, () => isEvicted(app));
    await cutPowerOf("w2", "w3", "w7", "w8");
    const { text } = await fails(up);
    for (const name of ["w4", "w5", "w6"]) {
      expect(text).toMatch(
        new RegExp(`command:remote:Command \\(${name}\\):\\n +error: .*Cut short: run pulumi up again`),
      );
    }
    // Drained as far as a dead node can be: the cluster has given these up.
    for (const app of ["two", "seven"])
      expect(text).toMatch(new RegExp(`pods left behind on a node that does not answer: default/${app}-`));
    for (const index of [2, 7]) expect(text).toMatch(unreachable(index));
    for (const index of [3, 8]) {
      expect(text).toMatch(
        new RegExp(
          `resetting on host "root@10\\.89\\.0\\.1${index}:22": the connection was lost .*Check the host and its network, then run again`,
        ),
      );
    }
    joinedUid = await uidOf("w5");
    expect(await nodeNames()).toEqual(["w1", "w2", "w3", "w5", "w7", "w8"]);
    expect(await readyNodes()).toEqual(["w1"]);
    for (const name of ["w2", "w7"]) expect((await nodes()).get(name)?.spec.unschedulable, name).toBe(true);
  });

  it("J-08b J-29 names state lost as the way out for hosts that are off; those on again are finished, or reset and joined", async () => {
    for (const name of ["w2", "w3", "w4"]) await power(lab, name, "on");
    const { text } = await fails(stack.up("--continue-on-error"));
    for (const index of [6, 7, 8]) expect(text).toMatch(unreachable(index));
    expect(text).toMatch(/command:remote:Command \(w5\):\n +error: .*10\.89\.0\.15/);
    for (const name of ["w2", "w3", "w4"])
      expect(text).toMatch(new RegExp(`released: host reset and clean, Node "${name}" deleted`));
    for (const name of ["w2", "w3"]) expect(await remainsOf(name), name).toEqual([]);
    expect(await nodeNames()).toEqual(["w1", "w4", "w5", "w7", "w8"]);
    expect(await readyNodes()).toEqual(["w1", "w4"]);
  });

  it("J-08c J-29 is over, pods included, when the dead machines are declared lost; one that had joined is finished as it is", async () => {
    await power(lab, "w5", "on");
    for (const name of ["w7", "w8"]) await untilSilent(name);
    declare([host(4), host(5), host(6, lost)], [host(7, lost), host(8, lost)]);
    const { text } = await succeeds(stack.up());
    expect(text).toMatch(/lost: Node deleted, 1 pod removed \(default\/seven-/);
    expect(await uidOf("w5")).toBe(joinedUid);
    expect(await readyNodes()).toEqual(["w1", "w4", "w5"]);
    expect(await nodeNames()).toEqual(["w1", "w4", "w5"]);
    expect(await mintedTokens()).toEqual([]);
    await succeeds(stack.isSettled());
  });
});
