// An API server that goes away: a restart is waited for; when it stays away, the run ends with clear errors and the next
// one goes on. Two stacks meet the outages at once, one whose hosts join and one whose hosts leave.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setApiServer } from "../../lab/control-plane/api-server.ts";
import type { LabStack } from "../../lab/stack.ts";
import { comeBack, errorsOf, failedResources, meanwhile } from "../support/api-outage.ts";
import { heldAt, hold, makeHoldable, release, restoreKubeadm } from "../support/held-kubeadm.ts";
import { useHosts } from "../support/more-hosts.ts";
import { fails, succeeds } from "../support/pulumi-run.ts";
import {
  apply,
  createStack,
  eventually,
  host,
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

/** Hosts whose kubeadm a test holds. */
const held = ["w2", "w3", "w5", "w6"];
/** Longer than a pod takes to go, shorter than a test likes to wait. */
const impatientSeconds = 40;

async function hasPods(app: string, count: number): Promise<void> {
  await eventually(`${count} pods of ${app}`, 150, async () => (await stayingPods(app)).length === count);
}

useHosts(6);

// Kubelets and controllers take their time to come back too.
describe("an API server that goes away", { timeout: 400_000 }, () => {
  let joins: LabStack;
  let leaves: LabStack;

  /** Declares the hosts of the stack whose hosts join. */
  function declareJoining(indexes: readonly number[], readyTimeoutSeconds = 180): void {
    joins.declare([{ name: "joining", readyTimeoutSeconds, hosts: indexes.map((at) => host(at)) }]);
  }

  /** Declares the hosts of the stack whose hosts leave, two at once. */
  function declareLeaving(indexes: readonly number[], timeoutSeconds = 120): void {
    leaves.declare([
      {
        name: "leaving",
        readyTimeoutSeconds: 180,
        maxUnavailable: 2,
        limits: { maxRemovals: 2 },
        drain: { timeoutSeconds },
        hosts: indexes.map((at) => host(at)),
      },
    ]);
  }

  beforeAll(async () => {
    joins = await createStack("outage-join");
    leaves = await createStack("outage-leave");
    await makeHoldable(...held);
    declareLeaving([1, 2, 3, 4, 5]);
    await succeeds(leaves.up());
    // Still there when the other node's reset has begun.
    await apply(deafDeploymentOn("w2", "two", 30), deafDeploymentOn("w4", "four", 30));
    for (const app of ["two", "four"]) await hasPods(app, 1);
  });

  afterAll(async () => {
    await setApiServer(lab, "serving");
    await restoreKubeadm(...held);
    await kubectl("delete", "deployment", "--all", "--wait=false");
    await succeeds(joins.destroy());
  });

  it("J-32 fails a removal in bounded time when it takes all connections and never answers; a preview says what it cannot know", async () => {
    const logins = await loginsOn("w2");
    declareLeaving([1, 4, 5]);
    await setApiServer(lab, "hung");
    const [preview, refused] = await meanwhile(Promise.all([succeeds(leaves.preview()), fails(leaves.up())]));
    expect(preview.text).toMatch(/2 nodes leave: w2, w3/);
    expect(preview.text).toMatch(/not known: what becomes of the pods: listing Nodes: no answer within 30 s/);
    expect(failedResources(refused.text)).toHaveLength(1);
    expect(refused.text).toMatch(/listing Nodes: no answer within 30 s/);
    // Counting takes a login itself.
    expect(await loginsOn("w2")).toBe(logins + 1);
    expect([...(await nodes()).keys()].sort()).toEqual(["w1", "w2", "w3", "w4", "w5"]);
  });

  it("is waited for when it restarts during a join, a drain and a reset", async () => {
    declareJoining([6]);
    await Promise.all([hold("reset", "w3"), hold("join", "w6")]);
    const join = joins.up();
    await heldAt("join", "w6", join);
    const leave = leaves.up();
    await Promise.all([heldAt("reset", "w3", leave), hasPods("two", 0)]);
    await setApiServer(lab, "stopped");
    await Promise.all([release("join", "w6"), release("reset", "w3")]);
    await comeBack();
    await Promise.all([succeeds(join), succeeds(leave)]);
    for (const name of ["w2", "w3"]) expect(await remainsOf(name), name).toEqual([]);
    expect(await readyNodes()).toEqual(["w1", "w4", "w5", "w6"]);
    expect([...(await nodes()).keys()].sort()).toEqual(["w1", "w4", "w5", "w6"]);
    expect(await mintedTokens()).toEqual([]);
  });

  it("J-08c fails joins, the drain and the reset's end that it stays away from; the next run finishes them", async () => {
    declareLeaving([1], impatientSeconds);
    declareJoining([6, 2, 3], 15);
    await Promise.all([hold("join", "w2"), hold("join-done", "w3"), hold("reset", "w5")]);
    const join = joins.up("--continue-on-error");
    await Promise.all([heldAt("join", "w2", join), heldAt("join-done", "w3", join)]);
    await kubectl("wait", "node/w3", "--for=create", "--timeout=300s");
    const uid = await uidOf("w3");
    const leave = leaves.up("--continue-on-error");
    await Promise.all([heldAt("reset", "w5", leave), hasPods("four", 0)]);
    await setApiServer(lab, "stopped");
    await Promise.all([release("join", "w2"), release("join-done", "w3"), release("reset", "w5")]);
    const [joined, left] = await meanwhile(Promise.all([fails(join), fails(leave)]));

    expect(failedResources(joined.text)).toEqual(["Command w2", "NodeMembership w3"]);
    expect(errorsOf(joined.text, "Command", "w2")).toMatch(/10\.89\.0\.1:6443.* connection refused/s);
    expect(errorsOf(joined.text, "NodeMembership", "w3")).toMatch(
      /waiting for node "w3" to be Ready: not after 15 s; unknown: listing Nodes: no answer: connect ECONNREFUSED/,
    );
    expect(await onHost("w2", "ls /etc/kubernetes/kubelet.conf 2>/dev/null || echo none")).toBe("none");

    expect(failedResources(left.text)).toEqual(["HostEnrollment w5", "NodeMembership w4"]);
    expect(errorsOf(left.text, "HostEnrollment", "w5")).toMatch(
      /deleting bootstrap token "\w+": no answer: connect ECONNREFUSED/,
    );
    expect(errorsOf(left.text, "NodeMembership", "w4")).toMatch(
      new RegExp(
        `draining node "w4": after ${impatientSeconds} s its pods are unknown: .*no answer: connect ECONNREFUSED .*The Node stays cordoned`,
      ),
    );
    expect(await onHost("w4", "systemctl is-active kubelet; ls /etc/kubernetes/kubelet.conf")).toBe(
      "active\n/etc/kubernetes/kubelet.conf",
    );
    expect((await nodes()).get("w4")?.spec.unschedulable).toBe(true);

    // One host is joined, the other is taken as it is.
    declareJoining([6, 2, 3]);
    await Promise.all([succeeds(joins.up()), succeeds(leaves.destroy())]);
    for (const name of ["w1", "w4", "w5"]) expect(await remainsOf(name), name).toEqual([]);
    expect(await readyNodes()).toEqual(["w2", "w3", "w6"]);
    expect([...(await nodes()).keys()].sort()).toEqual(["w2", "w3", "w6"]);
    expect(await uidOf("w3")).toBe(uid);
    expect(await mintedTokens()).toEqual([]);
    await succeeds(joins.isSettled());
  });
});
