// Reboots by rebootTrigger: drained, one at a time, Ready with a new boot id; a host that does not come back.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { power } from "../../lab/lab.ts";
import type { LabStack } from "../../lab/stack.ts";
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
} from "../support/test-lab.ts";
import { deploymentOn, stayingPods } from "../support/workloads.ts";

const rebooting = "nodepools.local/rebooting";

/** Notes, until disposed, how many nodes at most were not Ready or about to be rebooted at once. */
function watchNodes(): AsyncDisposable & { readonly most: () => number } {
  let most = 0;
  let isOver = false;
  const watch = async () => {
    while (!isOver) {
      const down = [...(await nodes()).values()].filter(
        ({ metadata, status }) =>
          metadata.annotations[rebooting] !== undefined ||
          !status.conditions.some(({ type, status: is }) => type === "Ready" && is === "True"),
      );
      most = Math.max(most, down.length);
      // Each look costs a process; the hosts need the processors as well.
      await sleep(500);
    }
  };
  const watching = watch();
  return {
    most: () => most,
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      await watching;
    },
  };
}

async function bootIds(): Promise<Map<string, string>> {
  return new Map([...(await nodes())].map(([name, { status }]) => [name, status.nodeInfo.bootID]));
}

describe("a changed rebootTrigger", () => {
  let stack: LabStack;

  function declare(triggers: readonly string[], limits: object = {}): void {
    const hosts = triggers.map((rebootTrigger, at) => host(at + 1, { rebootTrigger }));
    stack.declare([{ name: "workers", ...limits, hosts }]);
  }

  beforeAll(async () => {
    stack = await createStack("reboot");
    declare(["1", "1"]);
    await succeeds(stack.up());
    await apply(deploymentOn("w1", "one"));
    await eventually("the pod", 60, async () => (await stayingPods("one")).length === 1);
  });

  afterAll(async () => {
    await power(lab, "w2", "on");
    await onHost("w2", "rm -f /etc/systemd/system/reboot.target");
    await kubectl("delete", "deployment", "--all", "--wait=false");
    await succeeds(stack.destroy());
  });

  it("was only recorded at the join", async () => {
    expect([...(await nodes()).values()].filter(({ metadata }) => rebooting in metadata.annotations)).toEqual(
      [],
    );
    expect(await readyNodes()).toEqual(["w1", "w2"]);
  });

  it("reboots two hosts one after the other, drained; an operator's cordon stays", async () => {
    const [before, [pod = ""]] = [await bootIds(), await stayingPods("one")];
    await kubectl("cordon", "w2");
    declare(["2", "2"]);
    const preview = await succeeds(stack.preview());
    expect(preview.text).toMatch(/2 nodes are drained and rebooted: w1, w2/);
    expect(await bootIds()).toEqual(before);
    await using watch = watchNodes();
    const run = await succeeds(stack.up());
    expect(run.text).toMatch(/drained: 1 pod moved/);
    expect(watch.most()).toBe(1);
    const after = await bootIds();
    for (const name of ["w1", "w2"]) expect(after.get(name)).not.toBe(before.get(name));
    expect(await readyNodes()).toEqual(["w1"]);
    expect(await stayingPods("one")).not.toContain(pod);
    await succeeds(stack.isSettled());
  });

  it("fails within readyTimeoutSeconds for a host that stays away, saying what was last seen", async () => {
    await kubectl("uncordon", "w2");
    const before = await bootIds();
    // Switches itself off where it is asked to reboot.
    await onHost(
      "w2",
      "ln -s /lib/systemd/system/poweroff.target /etc/systemd/system/reboot.target; systemctl daemon-reload",
    );
    declare(["2", "3"], { readyTimeoutSeconds: 20 });
    const run = await fails(stack.up());
    expect(run.text).toMatch(
      /rebooting node "w2" at 10\.89\.0\.12: not back after 20 s; last seen: still the former boot/,
    );
    expect(await bootIds()).toEqual(before);
    expect(await readyNodes()).not.toContain("w2");
  });

  it("goes on once the host is on again, without another reboot of it", async () => {
    await power(lab, "w2", "on");
    const boot = await onHost("w2", "cat /proc/sys/kernel/random/boot_id");
    declare(["2", "3"]);
    await succeeds(stack.up());
    expect(await readyNodes()).toContain("w2");
    expect((await bootIds()).get("w2")).toBe(boot);
    await succeeds(stack.isSettled());
  });
});
