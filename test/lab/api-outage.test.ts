// An API server that goes away in the middle of a run: a restart is waited for; when it stays away, the run ends with
// clear errors and the next one goes on.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setApiServer } from "../../lab/control-plane/api-server.ts";
import type { LabStack, PulumiRun } from "../../lab/stack.ts";
import { heldAt, hold, makeHoldable, release, restoreKubeadm } from "../support/held-kubeadm.ts";
import {
  apply,
  createStack,
  eventually,
  hosts,
  kubectl,
  lab,
  loginsOn,
  mintedTokens,
  nodes,
  onHost,
  readyNodes,
  remainsOf,
  uidOf,
} from "../support/test-lab.ts";
import { deafDeploymentOn, stayingPods } from "../support/workloads.ts";

const heldHosts = ["w2", "w3", "w4"];

/** What a restart takes beside the time in which the API server starts, which is as long again. */
const restartSeconds = 4;

/** Comes back after a while, however long what waits for it takes to begin. */
async function comeBack(): Promise<void> {
  await sleep(restartSeconds * 1000);
  await setApiServer(lab, "serving");
}

async function hasPods(app: string, count: number): Promise<void> {
  await eventually(`${count} pods of ${app}`, 90, async () => (await stayingPods(app)).length === count);
}

/** Runs to the end, which has to be a failure, with the API server down; returns what it said when that is up again. */
async function failing(up: Promise<PulumiRun>, seconds: number): Promise<string> {
  const start = Date.now();
  const run = await up;
  expect(run.ok, run.text).toBe(false);
  expect(Date.now() - start).toBeLessThan(seconds * 1000);
  await setApiServer(lab, "serving");
  return run.text;
}

/** Counts the errors in the diagnostics of a run, beside the stack's own. */
function errorCount(text: string): number {
  const [, diagnostics = ""] = text.split("Diagnostics:");
  return diagnostics.match(/^ {4}error: (?!update failed)/gm)?.length ?? 0;
}

// Kubelets and controllers take their time to come back too.
describe("an API server that goes away", { timeout: 400_000 }, () => {
  let stack: LabStack;

  function declare(count: number, readyTimeoutSeconds = 180): void {
    const drain = { timeoutSeconds: 30 };
    stack.declare([{ name: "workers", count, readyTimeoutSeconds, drain, hosts: hosts(4) }]);
  }

  /** Expects these nodes and nothing left over; Unknown nodes report again first. */
  async function expectSettled(...names: readonly string[]): Promise<void> {
    await eventually(`${names.join(", ")} to be Ready`, 60, async () => {
      return (await readyNodes()).join() === names.join();
    });
    expect([...(await nodes()).keys()].sort()).toEqual(names);
    expect(await mintedTokens()).toEqual([]);
    const settled = await stack.isSettled();
    expect(settled.ok, settled.text).toBe(true);
  }

  async function expectUp(): Promise<void> {
    const run = await stack.up();
    expect(run.ok, run.text).toBe(true);
  }

  beforeAll(async () => {
    stack = await createStack("outage");
    await makeHoldable(...heldHosts);
    declare(1);
    await expectUp();
  });

  afterAll(async () => {
    await setApiServer(lab, "serving");
    await restoreKubeadm(...heldHosts);
    await kubectl("delete", "deployment", "--all", "--wait=false");
    const run = await stack.destroy();
    expect(run.ok, run.text).toBe(true);
  });

  describe("while a host joins", () => {
    it("is waited for when it restarts", async () => {
      declare(2);
      await hold("join", "w2");
      const up = stack.up();
      await heldAt("join", "w2");
      await setApiServer(lab, "stopped");
      await release("join", "w2");
      await comeBack();
      const run = await up;
      expect(run.ok, run.text).toBe(true);
      await expectSettled("w1", "w2");
    });

    it("ends the run when it stays away during kubeadm join; the next run joins the host", async () => {
      declare(3);
      await hold("join", "w3");
      const up = stack.up();
      await heldAt("join", "w3");
      await setApiServer(lab, "stopped");
      await release("join", "w3");
      const text = await failing(up, 150);
      expect(text).toMatch(/10\.89\.0\.1:6443.* connection refused/);
      expect(await onHost("w3", "ls /etc/kubernetes/kubelet.conf 2>/dev/null || echo none")).toBe("none");
      await expectUp();
      await expectSettled("w1", "w2", "w3");
    });

    it("ends the run when it stays away after kubeadm join; the next run takes the node as it is", async () => {
      declare(4, 15);
      await hold("join-done", "w4");
      const up = stack.up();
      await heldAt("join-done", "w4");
      await eventually("Node w4", 60, async () => (await uidOf("w4")) !== undefined);
      const uid = await uidOf("w4");
      await setApiServer(lab, "stopped");
      await release("join-done", "w4");
      const text = await failing(up, 120);
      expect(errorCount(text)).toBe(1);
      expect(text).toMatch(
        /waiting for node "w4" to be Ready: not after 15 s; unknown: listing Nodes: no answer: connect ECONNREFUSED/,
      );
      declare(4);
      await expectUp();
      await expectSettled("w1", "w2", "w3", "w4");
      expect(await uidOf("w4")).toBe(uid);
    });
  });

  describe("while a host leaves", () => {
    it("is waited for when it restarts during the drain, and again during the reset", async () => {
      await apply(deafDeploymentOn("w4", "four", 15));
      await hasPods("four", 1);
      declare(3);
      await hold("reset", "w4");
      const up = stack.up();
      await hasPods("four", 0);
      await setApiServer(lab, "stopped");
      await comeBack();
      await heldAt("reset", "w4");
      await setApiServer(lab, "stopped");
      await release("reset", "w4");
      await comeBack();
      const run = await up;
      expect(run.ok, run.text).toBe(true);
      expect(await remainsOf("w4")).toEqual([]);
      await expectSettled("w1", "w2", "w3");
    });

    it("fails the drain at its limit when it stays away; the host is not touched", async () => {
      await apply(deafDeploymentOn("w3", "three", 15));
      await hasPods("three", 1);
      declare(2);
      const up = stack.up();
      await hasPods("three", 0);
      await setApiServer(lab, "stopped");
      const text = await failing(up, 120);
      expect(errorCount(text)).toBe(1);
      expect(text).toMatch(
        /draining Node "w3": after 30 s its pods are unknown: .*no answer: connect ECONNREFUSED .*The Node stays cordoned/,
      );
      expect(await onHost("w3", "systemctl is-active kubelet")).toBe("active");
      expect(await onHost("w3", "ls /etc/kubernetes/kubelet.conf")).toBe("/etc/kubernetes/kubelet.conf");
    });

    it("ends the next run when it stays away during the reset; the one after finishes", async () => {
      await hold("reset", "w3");
      const up = stack.up();
      await heldAt("reset", "w3");
      await setApiServer(lab, "stopped");
      await release("reset", "w3");
      const text = await failing(up, 120);
      expect(errorCount(text)).toBe(1);
      expect(text).toMatch(/deleting bootstrap token "\w+": no answer: connect ECONNREFUSED/);
      expect([...(await nodes()).keys()].sort()).toEqual(["w1", "w2", "w3"]);
      await expectUp();
      expect(await remainsOf("w3")).toEqual([]);
      await expectSettled("w1", "w2");
    });
  });

  describe("before a run", () => {
    it("32 fails a removal before the host is touched, and a preview says what it cannot know", async () => {
      const logins = await loginsOn("w2");
      declare(1);
      await setApiServer(lab, "stopped");
      const preview = await stack.preview();
      expect(preview.ok, preview.text).toBe(true);
      expect(preview.text).toMatch(/1 node leaves: w2/);
      expect(preview.text).toMatch(/not known: what becomes of the pods: listing Nodes: no answer: connect/);
      const text = await failing(stack.up(), 120);
      expect(errorCount(text)).toBe(1);
      expect(text).toMatch(/listing Nodes: no answer: connect ECONNREFUSED 10\.89\.0\.1:6443/);
      // Counting takes a login itself.
      expect(await loginsOn("w2")).toBe(logins + 1);
    });

    it("32 fails a removal in bounded time when it is hung, which takes all connections and never answers", async () => {
      const logins = await loginsOn("w2");
      await setApiServer(lab, "hung");
      const text = await failing(stack.up(), 150);
      expect(errorCount(text)).toBe(1);
      expect(text).toMatch(/listing Nodes: no answer within 30 s/);
      expect(await loginsOn("w2")).toBe(logins + 1);
      declare(2);
      await expectUp();
      await expectSettled("w1", "w2");
    });
  });
});
