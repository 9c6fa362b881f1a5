// What states, triggers and limits become in the resources, and that nothing of them is there when nobody declares them.
import { describe, expect, it } from "vitest";
import type { HostArgs, NodePoolArgs } from "../../components/index.ts";
import { find, type Registration } from "../support/component-mocks.ts";
import { declare, hosts, memberNames } from "./declared.ts";

type Host = NodePoolArgs["hosts"][number];

function withFirst(more: Partial<HostArgs>, ...names: string[]): Host[] {
  return hosts(...names).map((host, at) => (at === 0 ? { ...host, ...more } : host));
}

const membershipOf = (registrations: readonly Registration[], name: string) =>
  find(registrations, ":NodeMembership", name).inputs;
const rosterOf = (registrations: readonly Registration[]) => find(registrations, ":Roster", "dev").inputs;

describe("a host that declares nothing of all that", () => {
  it("has no new input, so that an upgrade changes no state", async () => {
    const registrations = await declare({ workers: { hosts: hosts("w1") } });
    expect(Object.keys(membershipOf(registrations, "w1"))).not.toContain("drained");
    expect(Object.keys(membershipOf(registrations, "w1"))).not.toContain("rebootTrigger");
    const keys = [":NodeMembership", ":HostEnrollment"].flatMap((type) =>
      Object.keys(find(registrations, type, "w1").inputs),
    );
    expect(keys.filter((key) => /^(join(Warnings|Doubt)|runtimeSocket|criSocket)$/.test(key))).toEqual([]);
    const { members, pools, ...rest } = rosterOf(registrations);
    expect(members).toEqual([{ node: "w1", pool: "workers", rejoinTrigger: "" }]);
    expect(Object.keys(rest)).not.toContain("lost");
    expect(Object.keys((pools as object[])[0] ?? {}).sort()).toEqual(["drain", "maxUnavailable", "name"]);
  });
});

it("J-C11 a declared criSocket is known to the enrollment alone, the host's before the pool's", async () => {
  const [pool, own] = ["unix:///run/crio/crio.sock", "unix:///run/own.sock"];
  const registrations = await declare({
    workers: { criSocket: pool, hosts: withFirst({ criSocket: own }, "w1", "w2") },
  });
  const sockets = ["w1", "w2"].map(
    (name) => find(registrations, ":HostEnrollment", name).inputs.runtimeSocket,
  );
  expect(sockets).toEqual([own, pool]);
  expect(membershipOf(registrations, "w1")).not.toHaveProperty("criSocket");
});

describe("a host's state", () => {
  it.each([
    ["cordoned", { schedulable: false, drained: undefined }, { cordoned: true }],
    ["maintenance", { schedulable: false, drained: true }, { maintenance: true }],
    ["active", { schedulable: true, drained: undefined }, {}],
  ] as const)("%s", async (state, membership, member) => {
    const registrations = await declare({ workers: { hosts: withFirst({ state }, "w1") } });
    const { schedulable, drained } = membershipOf(registrations, "w1");
    expect({ schedulable, drained }).toEqual(membership);
    expect(rosterOf(registrations).members).toEqual([
      { node: "w1", pool: "workers", rejoinTrigger: "", ...member },
    ]);
  });

  it("lost gives its place to the next host, and the roster remembers it with its rejoinTrigger", async () => {
    const registrations = await declare({
      workers: { count: 1, hosts: withFirst({ state: "lost", rejoinTrigger: "1" }, "w1", "w2") },
      batch: { hosts: withFirst({ state: "lost" }, "w0") },
    });
    expect(memberNames(registrations)).toEqual(["w2"]);
    expect(rosterOf(registrations).lost).toEqual([
      { node: "w0", rejoinTrigger: "" },
      { node: "w1", rejoinTrigger: "1" },
    ]);
  });
});

it("a rebootTrigger is known to membership and roster", async () => {
  const registrations = await declare({ workers: { hosts: withFirst({ rebootTrigger: "2" }, "w1") } });
  expect(membershipOf(registrations, "w1").rebootTrigger).toBe("2");
  expect(rosterOf(registrations).members).toEqual([
    { node: "w1", pool: "workers", rejoinTrigger: "", rebootTrigger: "2" },
  ]);
});

it("the roster knows a pool's limits, and the taints that evict from each member", async () => {
  const [slow, batch] = [
    { key: "slow", effect: "PreferNoSchedule" },
    { key: "dedicated", value: "batch", effect: "NoExecute" },
  ] as const;
  const own = { ...batch, value: "own" };
  const limits = { maxRemovals: "50%", minReady: 2 };
  const registrations = await declare({
    workers: { limits, taints: [slow, batch], hosts: withFirst({ taints: [own] }, "w1", "w2") },
  });
  expect(rosterOf(registrations)).toMatchObject({
    pools: [{ name: "workers", limits }],
    members: [
      { node: "w1", noExecute: [own] },
      { node: "w2", noExecute: [batch] },
    ],
  });
});
