// An API server that goes away while a host leaves, or before a run that removes one: a restart is waited for; when it
// stays away, the run ends with clear errors and the next one goes on.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setApiServer } from "../../lab/control-plane/api-server.ts";
import type { LabStack } from "../../lab/stack.ts";
import { comeBack, declareFirst, errorCount, expectSettled, failsMeanwhile } from "../support/api-outage.ts";
import { heldAt, hold, makeHoldable, release, restoreKubeadm } from "../support/held-kubeadm.ts";
import { succeeds } from "../support/pulumi-run.ts";
import {
  apply,
  createStack,
  eventually,
  kubectl,
  lab,
  loginsOn,
  nodes,
  onHost,
  remainsOf,
} from "../support/test-lab.ts";
import { deafDeploymentOn, stayingPods } from "../support/workloads.ts";

async function hasPods(app: string, count: number): Promise<void> {
  await eventually(`${count} pods of ${app}`, 150, async () => (await stayingPods(app)).length === count);
}

// Kubelets and controllers take their time to come back too.
describe("an API server that goes away", { timeout: 400_000 }, () => {
  let stack: LabStack;

  beforeAll(async () => {
    stack = await createStack("outage-removal");
    await makeHoldable("w3", "w4");
    declareFirst(stack, 4);
    await succeeds(stack.up());
  });

  afterAll(async () => {
    await setApiServer(lab, "serving");
    await restoreKubeadm("w3", "w4");
    await kubectl("delete", "deployment", "--all", "--wait=false");
    await succeeds(stack.destroy());
  });

  describe("while a host leaves", () => {
    it("is waited for when it restarts during the drain, and again during the reset", async () => {
      await apply(deafDeploymentOn("w4", "four", 15));
      await hasPods("four", 1);
      // The kubelet tells of the pod's end only once the server is back.
      declareFirst(stack, 3, { drain: { timeoutSeconds: 120 } });
      await hold("reset", "w4");
      const up = stack.up();
      await hasPods("four", 0);
      await setApiServer(lab, "stopped");
      await comeBack();
      await heldAt("reset", "w4", up);
      await setApiServer(lab, "stopped");
      await release("reset", "w4");
      await comeBack();
      await succeeds(up);
      expect(await remainsOf("w4")).toEqual([]);
      await expectSettled(stack, "w1", "w2", "w3");
    });

    it("fails the drain at its limit when it stays away; the host is not touched", async () => {
      await apply(deafDeploymentOn("w3", "three", 15));
      await hasPods("three", 1);
      declareFirst(stack, 2);
      const up = stack.up();
      await hasPods("three", 0);
      await setApiServer(lab, "stopped");
      const text = await failsMeanwhile(up, 120);
      expect(errorCount(text)).toBe(1);
      expect(text).toMatch(
        /draining node "w3": after 30 s its pods are unknown: .*no answer: connect ECONNREFUSED .*The Node stays cordoned/,
      );
      expect(await onHost("w3", "systemctl is-active kubelet")).toBe("active");
      expect(await onHost("w3", "ls /etc/kubernetes/kubelet.conf")).toBe("/etc/kubernetes/kubelet.conf");
    });

    it("ends the next run when it stays away during the reset; the one after finishes", async () => {
      await hold("reset", "w3");
      const up = stack.up();
      await heldAt("reset", "w3", up);
      await setApiServer(lab, "stopped");
      await release("reset", "w3");
      const text = await failsMeanwhile(up, 120);
      expect(errorCount(text)).toBe(1);
      expect(text).toMatch(/deleting bootstrap token "\w+": no answer: connect ECONNREFUSED/);
      expect([...(await nodes()).keys()].sort()).toEqual(["w1", "w2", "w3"]);
      await succeeds(stack.up());
      expect(await remainsOf("w3")).toEqual([]);
      await expectSettled(stack, "w1", "w2");
    });
  });

  describe("before a run", () => {
    it("J-32 fails a removal before the host is touched, and a preview says what it cannot know", async () => {
      const logins = await loginsOn("w2");
      declareFirst(stack, 1);
      await setApiServer(lab, "stopped");
      const preview = await succeeds(stack.preview());
      expect(preview.text).toMatch(/1 node leaves: w2/);
      expect(preview.text).toMatch(/not known: what becomes of the pods: listing Nodes: no answer: connect/);
      const text = await failsMeanwhile(stack.up(), 120);
      expect(errorCount(text)).toBe(1);
      expect(text).toMatch(/listing Nodes: no answer: connect ECONNREFUSED 10\.89\.0\.1:6443/);
      // Counting takes a login itself.
      expect(await loginsOn("w2")).toBe(logins + 1);
    });

    it("J-32 fails a removal in bounded time when it is hung, which takes all connections and never answers", async () => {
      const logins = await loginsOn("w2");
      await setApiServer(lab, "hung");
      const text = await failsMeanwhile(stack.up(), 150);
      expect(errorCount(text)).toBe(1);
      expect(text).toMatch(/listing Nodes: no answer within 30 s/);
      expect(await loginsOn("w2")).toBe(logins + 1);
      declareFirst(stack, 2);
      await succeeds(stack.up());
      await expectSettled(stack, "w1", "w2");
    });
  });
});
