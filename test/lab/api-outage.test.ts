// An API server that goes away: a restart is waited for; when it stays away, the run ends with clear errors and the next
// one goes on. Two stacks meet each outage at once, one whose hosts join and one whose hosts leave.
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

const joining = ["w2", "w3", "w4"];
const leaving = ["w6", "w7"];
/** Longer than a pod takes to go, shorter than a test likes to wait. */
const drainSeconds = 20;

async function hasPods(app: string, count: number): Promise<void> {
  await eventually(`${count} pods of ${app}`, 150, async () => (await stayingPods(app)).length === count);
}

useHosts(7);

// Kubelets and controllers take their time to come back too.
describe("an API server that goes away", { timeout: 400_000 }, () => {
  let joins: LabStack;
  let leaves: LabStack;

  /** Declares w1 and so many of the hosts that join. */
  function declareJoining(count: number, readyTimeoutSeconds = 180): void {
    const indexes = [1, 2, 3, 4].slice(0, count + 1);
    joins.declare([{ name: "joining", readyTimeoutSeconds, hosts: indexes.map((at) => host(at)) }]);
  }

  /** Declares w5 and so many of the hosts that leave. */
  function declareLeaving(count: number, timeoutSeconds = drainSeconds): void {
    const indexes = [5, 6, 7].slice(0, count + 1);
    leaves.declare([
      {
        name: "leaving",
        readyTimeoutSeconds: 180,
        drain: { timeoutSeconds },
        hosts: indexes.map((at) => host(at)),
      },
    ]);
  }

  /** Expects these nodes, Ready and schedulable, and nothing left over or to do. */
  async function expectSettled(...names: readonly string[]): Promise<void> {
    expect(await readyNodes()).toEqual(names);
    expect([...(await nodes()).keys()].sort()).toEqual(names);
    expect(await mintedTokens()).toEqual([]);
    for (const run of await Promise.all([joins.isSettled(), leaves.isSettled()]))
      expect(run.ok, run.text).toBe(true);
  }

  beforeAll(async () => {
    joins = await createStack("outage-join");
    leaves = await createStack("outage-leave");
    await makeHoldable(...joining, ...leaving);
    declareJoining(0);
    declareLeaving(2);
    await Promise.all([succeeds(joins.up()), succeeds(leaves.up())]);
    await apply(deafDeploymentOn("w6", "six", 5), deafDeploymentOn("w7", "seven", 5));
    for (const app of ["six", "seven"]) await hasPods(app, 1);
  });

  afterAll(async () => {
    await setApiServer(lab, "serving");
    await restoreKubeadm(...joining, ...leaving);
    await kubectl("delete", "deployment", "--all", "--wait=false");
    for (const run of await Promise.all([joins.destroy(), leaves.destroy()]))
      expect(run.ok, run.text).toBe(true);
  });

  it("is waited for when it restarts during a join, a drain and a reset", async () => {
    // The kubelet tells of the pod's end only once the server is back.
    declareLeaving(1, 120);
    declareJoining(1);
    await Promise.all([hold("reset", "w7"), hold("join", "w2")]);
    const [leave, join] = [leaves.up(), joins.up()];
    await heldAt("join", "w2", join);
    await hasPods("seven", 0);
    await setApiServer(lab, "stopped");
    await release("join", "w2");
    await comeBack();
    await succeeds(join);
    await heldAt("reset", "w7", leave);
    await setApiServer(lab, "stopped");
    await release("reset", "w7");
    await comeBack();
    await succeeds(leave);
    expect(await remainsOf("w7")).toEqual([]);
    await expectSettled("w1", "w2", "w5", "w6");
  });

  it("J-08c fails joins and the drain that it stays away from: the hosts are what they were, or what they had become", async () => {
    declareLeaving(0);
    declareJoining(3, 15);
    await Promise.all([hold("join", "w3"), hold("join-done", "w4")]);
    const join = joins.up("--continue-on-error");
    await Promise.all([heldAt("join", "w3", join), heldAt("join-done", "w4", join)]);
    await eventually("Node w4", 300, async () => (await uidOf("w4")) !== undefined);
    const uid = await uidOf("w4");
    const leave = leaves.up();
    await hasPods("six", 0);
    await setApiServer(lab, "stopped");
    await Promise.all([release("join", "w3"), release("join-done", "w4")]);
    const [joined, left] = await meanwhile(Promise.all([fails(join), fails(leave)]));
    expect(errorsOf(joined.text, "Command", "w3")).toMatch(/10\.89\.0\.1:6443.* connection refused/s);
    expect(errorsOf(joined.text, "NodeMembership", "w4")).toMatch(
      /waiting for node "w4" to be Ready: not after 15 s; unknown: listing Nodes: no answer: connect ECONNREFUSED/,
    );
    expect(failedResources(joined.text)).toEqual(["Command w3", "NodeMembership w4"]);
    expect(await onHost("w3", "ls /etc/kubernetes/kubelet.conf 2>/dev/null || echo none")).toBe("none");
    expect(failedResources(left.text)).toEqual(["NodeMembership w6"]);
    expect(left.text).toMatch(
      new RegExp(
        `draining node "w6": after ${drainSeconds} s its pods are unknown: .*no answer: connect ECONNREFUSED .*The Node stays cordoned`,
      ),
    );
    expect(await onHost("w6", "systemctl is-active kubelet; ls /etc/kubernetes/kubelet.conf")).toBe(
      "active\n/etc/kubernetes/kubelet.conf",
    );
    expect((await nodes()).get("w6")?.spec.unschedulable).toBe(true);
    // The next run joins the one host and takes the other as it is.
    declareJoining(3);
    await succeeds(joins.up());
    expect(await readyNodes()).toEqual(["w1", "w2", "w3", "w4", "w5"]);
    expect(await uidOf("w4")).toBe(uid);
  });

  it("J-32 fails a reset's end, and a removal before the host is touched; a preview says what it cannot know", async () => {
    const logins = await loginsOn("w4");
    declareJoining(2);
    await hold("reset", "w6");
    const leave = leaves.up();
    await heldAt("reset", "w6", leave);
    await setApiServer(lab, "stopped");
    await release("reset", "w6");
    const [left, preview, refused] = await meanwhile(
      Promise.all([fails(leave), succeeds(joins.preview()), fails(joins.up())]),
    );
    expect(failedResources(left.text)).toEqual(["HostEnrollment w6"]);
    expect(left.text).toMatch(/deleting bootstrap token "\w+": no answer: connect ECONNREFUSED/);
    expect(preview.text).toMatch(/1 node leaves: w4/);
    expect(preview.text).toMatch(/not known: what becomes of the pods: listing Nodes: no answer: connect/);
    expect(failedResources(refused.text)).toHaveLength(1);
    expect(refused.text).toMatch(/listing Nodes: no answer: connect ECONNREFUSED 10\.89\.0\.1:6443/);
    // Counting takes a login itself.
    expect(await loginsOn("w4")).toBe(logins + 1);
    expect([...(await nodes()).keys()].sort()).toEqual(["w1", "w2", "w3", "w4", "w5", "w6"]);
  });

  it("J-32 fails a removal in bounded time when it is hung, which takes all connections and never answers", async () => {
    const logins = await loginsOn("w4");
    await setApiServer(lab, "hung");
    const { text } = await meanwhile(fails(joins.up()));
    expect(failedResources(text)).toHaveLength(1);
    expect(text).toMatch(/listing Nodes: no answer within 30 s/);
    expect(await loginsOn("w4")).toBe(logins + 1);
  });

  it("leaves nothing that the next run does not finish", async () => {
    declareJoining(3);
    await Promise.all([succeeds(joins.up()), succeeds(leaves.up())]);
    expect(await remainsOf("w6")).toEqual([]);
    await expectSettled("w1", "w2", "w3", "w4", "w5");
  });
});
