// An API server that goes away while a host joins: a restart is waited for; when it stays away, the run ends with clear
// errors and the next one goes on.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setApiServer } from "../../lab/control-plane/api-server.ts";
import type { LabStack } from "../../lab/stack.ts";
import { comeBack, declareFirst, errorCount, expectSettled, failsMeanwhile } from "../support/api-outage.ts";
import { heldAt, hold, makeHoldable, release, restoreKubeadm } from "../support/held-kubeadm.ts";
import { succeeds } from "../support/pulumi-run.ts";
import { createStack, eventually, lab, onHost, uidOf } from "../support/test-lab.ts";

const joining = ["w2", "w3", "w4"];

// Kubelets and controllers take their time to come back too.
describe("an API server that goes away while a host joins", { timeout: 400_000 }, () => {
  let stack: LabStack;

  beforeAll(async () => {
    stack = await createStack("outage-join");
    await makeHoldable(...joining);
    declareFirst(stack, 1);
    await succeeds(stack.up());
  });

  afterAll(async () => {
    await setApiServer(lab, "serving");
    await restoreKubeadm(...joining);
    await succeeds(stack.destroy());
  });

  it("is waited for when it restarts", async () => {
    declareFirst(stack, 2);
    await hold("join", "w2");
    const up = stack.up();
    await heldAt("join", "w2", up);
    await setApiServer(lab, "stopped");
    await release("join", "w2");
    await comeBack();
    await succeeds(up);
    await expectSettled(stack, "w1", "w2");
  });

  it("ends the run when it stays away during kubeadm join; the next run joins the host", async () => {
    declareFirst(stack, 3);
    await hold("join", "w3");
    const up = stack.up();
    await heldAt("join", "w3", up);
    await setApiServer(lab, "stopped");
    await release("join", "w3");
    const text = await failsMeanwhile(up, 150);
    expect(text).toMatch(/10\.89\.0\.1:6443.* connection refused/);
    expect(await onHost("w3", "ls /etc/kubernetes/kubelet.conf 2>/dev/null || echo none")).toBe("none");
    await succeeds(stack.up());
    await expectSettled(stack, "w1", "w2", "w3");
  });

  it("J-08c ends the run when it stays away after kubeadm join; the next run takes the node as it is", async () => {
    declareFirst(stack, 4, { readyTimeoutSeconds: 15 });
    await hold("join-done", "w4");
    const up = stack.up();
    await heldAt("join-done", "w4", up);
    await eventually("Node w4", 60, async () => (await uidOf("w4")) !== undefined);
    const uid = await uidOf("w4");
    await setApiServer(lab, "stopped");
    await release("join-done", "w4");
    const text = await failsMeanwhile(up, 120);
    expect(errorCount(text)).toBe(1);
    expect(text).toMatch(
      /waiting for node "w4" to be Ready: not after 15 s; unknown: listing Nodes: no answer: connect ECONNREFUSED/,
    );
    declareFirst(stack, 4);
    await succeeds(stack.up());
    await expectSettled(stack, "w1", "w2", "w3", "w4");
    expect(await uidOf("w4")).toBe(uid);
  });
});
