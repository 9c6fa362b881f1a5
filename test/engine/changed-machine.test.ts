// A host that is reached in another way is the same node; another machine in its place is not, until that is confirmed.
import { beforeAll, expect, it } from "vitest";
import { freePorts } from "../support/child-service.ts";
import { changeNode, nodeNamed, nodes, readyNodes, setReady } from "./site/nodes.ts";
import { expectSaid, fails, saidOf, stepsOf, succeeds } from "./site/run.ts";
import { fingerprintOf, setScene } from "./site/scene.ts";

const otherMachine = "00112233445566778899aabbccddeeff";

/** Makes w1 what a machine is that was installed anew behind the same address and host key. */
const rebuilt = `rm -rf /etc/kubernetes /var/lib/nodepools /var/lib/kubelet /run/kubelet-is-active
  echo ${otherMachine} > /etc/machine-id`;

const [otherPort = 0] = await freePorts(1);
const scene = setScene("machine", 1, { settings: [`Port ${otherPort}`] });

const declare = (more: object, pool: object = {}): void =>
  scene.stack.declare([{ name: "workers", ...pool, hosts: [scene.host(1).declare(more)] }]);

/** What a second join of the host would change. */
const life = async () => [
  (await nodeNamed("w1")).metadata?.uid,
  await scene.host(1).run("stat -c %y /etc/kubernetes/kubelet.conf"),
];

beforeAll(async () => {
  declare({});
  await succeeds(scene.stack.up());
});

it("J-38 is told by a refresh when its Node was cordoned by an operator and its reports are missed", async () => {
  await changeNode("w1", { spec: { unschedulable: true } });
  await setReady("w1", "Unknown");
  const refresh = await succeeds(scene.stack.refresh());
  const cordoned = 'node "w1": cordoned outside of this stack; left as is';
  expectSaid(refresh, "NodeMembership w1", cordoned);
  expectSaid(refresh, "NodeMembership w1", 'node "w1": Ready was True, is Unknown');
});

it("J-38 is reached by another port and login in place: no drain, no join, and the cordon of the operator stays", async () => {
  await setReady("w1", "True");
  // Another name of root's: what matters is that the login differs, and that it becomes root by sudo.
  await scene
    .host(1)
    .run(
      "grep '^root:' /etc/passwd | sed s/^root/ops/ >> /etc/passwd; sed -n s/^root/ops/p /etc/shadow >> /etc/shadow",
    );
  const before = await life();
  const labels = { "example.com/tier": "general" };
  declare({ port: otherPort, user: "ops" }, { labels });
  const steps = stepsOf(await succeeds(scene.stack.up()));
  expect(steps).toContain("update HostEnrollment w1");
  expect(steps.filter((step) => !step.startsWith("update "))).toEqual([]);
  expect(await life()).toEqual(before);
  const { spec, metadata } = await nodeNamed("w1");
  expect(metadata?.labels).toMatchObject(labels);
  expect(spec?.unschedulable).toBe(true);
  await changeNode("w1", { spec: { unschedulable: null } });
});

it("J-38 is refused when another machine is there", async () => {
  await scene.host(1).run(rebuilt);
  await setReady("w1", "Unknown");
  const found = await fingerprintOf(scene.host(1));
  declare({ rejoinTrigger: "1" });
  const run = await fails(scene.stack.up());
  const refusal = `another machine answers at 127.0.0.1 (machine-id ${otherMachine}, joined was ${scene.host(1).machineId})`;
  expect(saidOf(run).join("\n")).toContain(refusal);
  expect(saidOf(run).join("\n")).toContain('declare host "w1" with state: lost');
  expect(await fingerprintOf(scene.host(1))).toBe(found);
  expect((await nodeNamed("w1")).status?.nodeInfo?.machineID).toBe(scene.host(1).machineId);
});

it("J-38 joins as another machine once the former one is declared lost and the new one confirmed", async () => {
  declare({ state: "lost" }, { limits: { maxRemovals: 1 } });
  await succeeds(scene.stack.up());
  expect([...(await nodes()).keys()]).toEqual([]);
  declare({ rejoinTrigger: "2" });
  await succeeds(scene.stack.up());
  expect(await readyNodes()).toEqual(["w1"]);
  expect((await nodeNamed("w1")).status?.nodeInfo?.machineID).toBe(otherMachine);
});
