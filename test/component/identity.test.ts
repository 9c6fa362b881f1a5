// Types, names and URNs: a changed one is a replacement, and that drains nodes.
import { expect, it } from "vitest";
import { NodePool } from "../../components/index.ts";
import { find, type Registration, runProgram } from "../support/component-mocks.ts";
import { declare, hosts, newCluster } from "./declared.ts";

const urns = (registrations: readonly Registration[]) => registrations.map(({ urn }) => urn);

it("keeps the URNs of a stack for ever", async () => {
  expect(urns(await declare({ workers: { hosts: hosts("w1") } }))).toEqual([
    "urn:pulumi:dev::nodepools::nodepools:index:Cluster$pulumi-nodejs:dynamic/nodepools:Roster::dev",
    "urn:pulumi:dev::nodepools::nodepools:index:Cluster::dev",
    "urn:pulumi:dev::nodepools::nodepools:index:NodePool$nodepools:index:PoolNode$command:remote:Command::w1",
    "urn:pulumi:dev::nodepools::nodepools:index:NodePool$nodepools:index:PoolNode$pulumi-nodejs:dynamic/nodepools:HostEnrollment::w1",
    "urn:pulumi:dev::nodepools::nodepools:index:NodePool$nodepools:index:PoolNode$pulumi-nodejs:dynamic/nodepools:NodeMembership::w1",
    "urn:pulumi:dev::nodepools::nodepools:index:NodePool$nodepools:index:PoolNode::w1",
    "urn:pulumi:dev::nodepools::nodepools:index:NodePool::workers",
  ]);
});

it("makes each resource a child of what it belongs to, without aliases", async () => {
  const registrations = await declare({ workers: { hosts: hosts("w1") } });
  const urnOf = (type: string, name: string) => find(registrations, type, name).urn;
  const poolNode = urnOf(":PoolNode", "w1");
  expect(registrations.map(({ type, parent }) => [type.split(":").at(-1), parent])).toEqual([
    ["Roster", urnOf(":Cluster", "dev")],
    ["Cluster", ""],
    ["Command", poolNode],
    ["HostEnrollment", poolNode],
    ["NodeMembership", poolNode],
    ["PoolNode", urnOf(":NodePool", "workers")],
    ["NodePool", ""],
  ]);
  expect(registrations.filter(({ aliases }) => aliases > 0)).toEqual([]);
});

it("tells each dynamic resource its own URN, for its lines in the log", async () => {
  const registrations = await declare({ workers: { hosts: hosts("w1", "w2") } });
  const dynamic = registrations.filter(({ type }) => type.startsWith("pulumi-nodejs:dynamic/"));
  expect(dynamic).toHaveLength(5);
  expect(dynamic.map(({ inputs }) => inputs.__urn)).toEqual(urns(dynamic));
});

it("J-36 moves a host to another pool by changed inputs alone", async () => {
  const [w1, w2, w3] = [hosts("w1"), hosts("w2"), hosts("w3")];
  const before = await declare({ workers: { hosts: [...w1, ...w2] }, batch: { hosts: w3 } });
  const after = await declare({ workers: { hosts: w1 }, batch: { hosts: [...w3, ...w2] } });
  expect(urns(after)).toEqual(urns(before));

  const changed = after.flatMap(({ urn, inputs }, at) =>
    Object.keys(inputs)
      .filter((field) => JSON.stringify(inputs[field]) !== JSON.stringify(before[at]?.inputs[field]))
      .map((field) => `${urn.split(":").slice(-3).join(":")}.${field}`),
  );
  // Where a host stands is told with its enrollment, whose diff takes no notice of it.
  expect(changed).toEqual(["Roster::dev.members", "HostEnrollment::w2.roster", "NodeMembership::w2.pool"]);
});

it("replaces enrollment and join only after the old ones are gone", async () => {
  const registrations = await declare({ workers: { hosts: hosts("w1") } });
  const first = registrations.filter(({ deleteBeforeReplace }) => deleteBeforeReplace);
  expect(first.map(({ type }) => type.split(":").at(-1))).toEqual([
    "Command",
    "HostEnrollment",
    "NodeMembership",
  ]);
  expect(find(registrations, ":HostEnrollment", "w1").secretOutputs).toEqual(["joinConfiguration"]);
});

it("J-A10 protects each resource of a node when its pool is protected, and none of another pool's", async () => {
  const registrations = await runProgram(() => {
    const cluster = newCluster();
    new NodePool(
      "workers",
      { cluster, hosts: hosts("w1"), prepare: { kubernetes: "1.34" } },
      { protect: true },
    );
    new NodePool("batch", { cluster, hosts: hosts("w2") });
  });
  const isOf = (node: string) => (one: Registration) => one.name === node || one.name.startsWith(`${node}_`);
  const [w1, w2] = ["w1", "w2"].map((node) => registrations.filter(isOf(node)));
  expect(w1?.map(({ type, isProtected }) => [type.split(":").at(-1), isProtected])).toEqual([
    ["Command", true],
    ["Command", true],
    ["HostEnrollment", true],
    ["NodeMembership", true],
    ["PoolNode", true],
  ]);
  expect(w2?.filter(({ isProtected }) => isProtected)).toEqual([]);
});
