// Changes that disrupt nodes in several ways at once, and those that Pulumi makes of a part of the stack.
import { beforeAll, expect, it } from "vitest";
import { currentRevision, historySince, nodes, readyNodes } from "./site/nodes.ts";
import { expectSaid, fails, saidOf, succeeds } from "./site/run.ts";
import { fingerprintOf, setScene } from "./site/scene.ts";

const scene = setScene("disruptions", 4);

function declare(hosts: Readonly<Record<number, object>>, pool: object = {}): void {
  const declared = Object.entries(hosts).map(([at, more]) => scene.host(Number(at)).declare(more));
  scene.stack.declare([{ name: "workers", drain: { deleteEmptyDirData: true }, ...pool, hosts: declared }]);
}

const wrong = (rejoinTrigger: string) => ({ rejoinTrigger, user: "nosuch" });

/** What a run that is refused must not change: which Nodes there are, their cordons, and the files of their hosts. */
const look = async () => [
  [...(await nodes()).values()].map(({ metadata, spec }) => [metadata?.uid, spec?.unschedulable]),
  await Promise.all(scene.hosts.map(fingerprintOf)),
];

beforeAll(async () => {
  declare({ 1: {}, 2: {}, 3: {}, 4: {} });
  await succeeds(scene.stack.up());
});

it("J-A4 a rejoin is told like a removal", async () => {
  await scene.pods.create("w2", "lone");
  declare({ 1: {}, 2: { rejoinTrigger: "1" }, 3: {}, 4: {} });
  const said = saidOf(await succeeds(scene.stack.preview()), "Roster cluster").join("\n");
  expect(said).toMatch(/w2/);
  expect(said).toMatch(/1 pod moves/);
});

it("J-A4 J-A16 a preview refuses rejoins that leave too few Ready nodes, and those over a wrong login", async () => {
  declare(
    { 1: {}, 2: wrong("1"), 3: { rejoinTrigger: "1" }, 4: {} },
    { maxUnavailable: 2, limits: { minReady: 3 } },
  );
  const refused = saidOf(await fails(scene.stack.preview())).join("\n");
  expect(refused).toMatch(/2 Ready nodes would stay, limits.minReady is 3/);
  expect(refused).toMatch(/host "w2": its new login nosuch@127\.0\.0\.1:\d+ does not lead to the machine/);
});

it("J-A16 an up touches no node for a rejoin over a wrong login, be it of all hosts", async () => {
  const before = await look();
  declare({ 1: wrong("1"), 2: wrong("2"), 3: wrong("3"), 4: wrong("4") }, { maxUnavailable: 4 });
  await fails(scene.stack.up("--continue-on-error"));
  expect(await look()).toEqual(before);
});

it("J-A6 more rejoins than may be down, and a reboot that leaves too few Ready nodes, are refused without a preview too", async () => {
  const before = await look();
  declare({ 1: {}, 2: { rejoinTrigger: "a" }, 3: { rejoinTrigger: "a" }, 4: {} });
  expect(saidOf(await fails(scene.stack.up())).join("\n")).toMatch(
    /rejoinTrigger changes on 2 hosts \(w2, w3\), maxUnavailable is 1/,
  );
  declare({ 1: {}, 2: { rebootTrigger: "a" }, 3: {}, 4: {} }, { limits: { minReady: 4 } });
  expect(saidOf(await fails(scene.stack.up())).join("\n")).toMatch(/3 Ready nodes, limits.minReady is 4/);
  expect(await look()).toEqual(before);
});

it("what leaves is cordoned before a node that stays is drained", async () => {
  for (const node of ["w2", "w3"]) await scene.pods.create(node, `${node}-a`);
  declare({ 1: {}, 2: { state: "maintenance" }, 4: {} });
  const before = await currentRevision();
  await succeeds(scene.stack.up());
  const { nodes: states, evictions } = await historySince(before);
  const first = Math.min(...evictions.map(({ revision }) => revision));
  const cordoned = states.filter(
    ({ spec, metadata }) => spec?.unschedulable === true && Number(metadata?.resourceVersion) < first,
  );
  expect([...new Set(cordoned.map(({ metadata }) => metadata?.name))].sort()).toEqual(["w2", "w3"]);
});

it("J-A6 a cluster whose Nodes are all gone is not reset", async () => {
  declare({ 1: {}, 2: {}, 4: {} });
  const { core } = scene.site;
  const before = await nodes();
  for (const name of before.keys()) await core.deleteNode({ name });
  const refused = saidOf(await fails(scene.stack.preview())).join("\n");
  expect(refused).toMatch(/the Nodes of 3 hosts are gone \(w1, w2, w4\).*systemctl restart kubelet/);
  // Without a preview the roster is asked about only when the hosts have joined.
  const found = await Promise.all(scene.hosts.map(fingerprintOf));
  const unasked = saidOf(await fails(scene.stack.up())).join("\n");
  expect(unasked).toMatch(/refused before its drain.*the Nodes of \d hosts are gone/);
  expect(await Promise.all(scene.hosts.map(fingerprintOf))).toEqual(found);
  // As kubelets that are restarted do: without the stamps.
  for (const [name, { status }] of before) {
    await core.createNode({ body: { metadata: { name } } });
    await core.replaceNodeStatus({ name, body: { metadata: { name }, status: status ?? {} } });
    await core.patchNode({ name, body: [{ op: "remove", path: "/spec/taints" }] }).catch(() => undefined);
  }
  await succeeds(scene.stack.up());
  expect(await readyNodes()).toEqual(["w1", "w2", "w4"]);
});

it("J-A1 a partial destroy cordons only what goes", async () => {
  const target = scene.stack.state().get("HostEnrollment w4")?.urn ?? "";
  const run = await succeeds(scene.stack.destroy("--target", target, "--target-dependents"));
  expectSaid(run, "NodeMembership w4", "drained");
  expect(await readyNodes()).toEqual(["w1", "w2"]);
});
