// Removals that cannot be finished because a host or the API server does not answer: they fail fast and resume later.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
  loginsOn,
  nodes,
  readyNodes,
  remainsOf,
} from "../support/test-lab.ts";
import { deploymentOn, stayingPods } from "../support/workloads.ts";

function pool(count: number): object[] {
  const limits = { maxRemovals: 2 };
  return [
    {
      name: "workers",
      count,
      maxUnavailable: 2,
      limits,
      drain: { timeoutSeconds: 60 },
      hosts: [host(3), host(4)],
    },
  ];
}

/** Writes a kubeconfig whose API server nobody is. */
function deadKubeconfig(): string {
  const path = join(lab.directory, "dead.conf");
  const text = readFileSync(lab.adminKubeconfig, "utf8");
  writeFileSync(path, text.replace(/(server: https:\/\/[^:]+):\d+/, "$1:6444"), { mode: 0o600 });
  return path;
}

describe("a removal that cannot be finished", () => {
  let stack: LabStack;

  beforeAll(async () => {
    stack = await createStack("unreachable");
    stack.declare(pool(2));
    await succeeds(stack.up());
    await apply(deploymentOn("w3", "three"), deploymentOn("w4", "four"));
    await eventually("both pods", 60, async () => {
      const pods = [...(await stayingPods("three")), ...(await stayingPods("four"))];
      return pods.length === 2;
    });
  });

  afterAll(async () => {
    await power(lab, "w3", "on");
    await kubectl("delete", "deployment", "--all", "--wait=false");
    await succeeds(stack.destroy());
  });

  it("J-32 D-P09 touches no host when the API server does not answer", async () => {
    const loginsBefore = await Promise.all(["w3", "w4"].map(loginsOn));
    stack.declare(pool(0), { cluster: { kubeconfig: deadKubeconfig() } });
    const start = Date.now();
    const run = await fails(stack.up("--continue-on-error"));
    expect(Date.now() - start).toBeLessThan(60_000);
    expect(run.text).toMatch(/connect ECONNREFUSED 10\.89\.0\.1:6444/);
    // Counting takes a login itself.
    expect(await Promise.all(["w3", "w4"].map(loginsOn))).toEqual(loginsBefore.map((count) => count + 1));
    expect(await readyNodes()).toEqual(["w3", "w4"]);
  });

  it("J-29 D-P08 fails fast for a host that is off and evicts nothing there; the other host is finished", async () => {
    const pods = await stayingPods("three");
    await power(lab, "w3", "off");
    stack.declare(pool(0));
    const start = Date.now();
    const run = await fails(stack.up("--continue-on-error"));
    expect(Date.now() - start).toBeLessThan(60_000);
    expect(run.text).toMatch(
      /connect to host "root@10\.89\.0\.13:22": .*Check that the host is on.*declare host "w3" with state: lost/,
    );
    expect(await stayingPods("three")).toEqual(pods);
    expect([...(await nodes()).keys()]).toEqual(["w3"]);
    expect(await remainsOf("w4")).toEqual([]);
    const state = await stack.run(["stack", "--show-urns", "--stack", stack.name]);
    expect(state.text).toMatch(/NodeMembership::w3$/m);
    expect(state.text).toMatch(/HostEnrollment::w3$/m);
    expect(state.text).not.toMatch(/::w4$/m);
  });

  it("J-29 finishes once the host is on again", async () => {
    await power(lab, "w3", "on");
    await succeeds(stack.up());
    expect([...(await nodes()).keys()]).toEqual([]);
    expect(await remainsOf("w3")).toEqual([]);
  });
});
