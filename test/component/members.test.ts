// Which hosts become nodes, with what, and what the roster knows of them.
import { setImmediate } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { Cluster, NodePool } from "../../components/index.ts";
import { find, runProgram } from "../support/component-mocks.ts";
import { declare, hostKey, hosts, memberNames, newCluster, privateKey } from "./declared.ts";

describe("the members of a pool", () => {
  const list = hosts("w3", "w1", "w2");
  const spare = list.map((host) => (host.name === "w3" ? { ...host, state: "spare" as const } : host));

  it.each([
    ["all hosts without a count", list, undefined, ["w1", "w2", "w3"]],
    ["the first hosts in list order", list, 2, ["w1", "w3"]],
    ["no host with count 0", list, 0, []],
    ["no spare host", spare, undefined, ["w1", "w2"]],
    ["the next host for a spare one", spare, 1, ["w1"]],
  ])("are %s", async (_what, declared, count, names) => {
    const pool = { hosts: declared, ...(count !== undefined && { count }) };
    expect(memberNames(await declare({ workers: pool }))).toEqual(names);
  });

  it("carry the metadata of pool and host, the host's first", async () => {
    const dedicated = { key: "dedicated", value: "batch", effect: "NoSchedule" } as const;
    const own = { ...dedicated, value: "own" };
    const registrations = await declare({
      workers: {
        labels: { tier: "general", zone: "a" },
        annotations: { note: "pool" },
        taints: [dedicated],
        hosts: [
          ...hosts("w1"),
          {
            name: "w2",
            address: "10.0.0.2",
            hostKey,
            labels: { zone: "b" },
            taints: [own],
            state: "cordoned",
          },
        ],
      },
    });
    const seen = ["w1", "w2"].map((name) => {
      const { labels, annotations, taints, schedulable } = find(
        registrations,
        ":NodeMembership",
        name,
      ).inputs;
      expect(find(registrations, ":HostEnrollment", name).inputs.registration).toEqual({ labels, taints });
      return { labels, annotations, taints, schedulable };
    });
    expect(seen).toEqual([
      {
        labels: { tier: "general", zone: "a" },
        annotations: { note: "pool" },
        taints: [dedicated],
        schedulable: true,
      },
      {
        labels: { tier: "general", zone: "b" },
        annotations: { note: "pool" },
        taints: [own],
        schedulable: false,
      },
    ]);
  });

  it("know how they are drained, and how many at once", async () => {
    const drain = { timeoutSeconds: 20, gracePeriodSeconds: 0, deleteEmptyDirData: true, force: true };
    const registrations = await declare({
      workers: { hosts: list, maxUnavailable: "50%", drain, readyTimeoutSeconds: 30 },
    });
    const { inputs } = find(registrations, ":NodeMembership", "w1");
    expect([inputs.drain, inputs.maxUnavailable, inputs.readyTimeoutSeconds]).toEqual([drain, 2, 30]);
  });

  it("are drained by the fields of their own host first, and by the pool's for the rest", async () => {
    const rules = [{ name: "jobs", pods: "job", action: "waitCompleted" as const }];
    const drain = { timeoutSeconds: 20, onFailure: "restore" as const, rules };
    const own = { timeoutSeconds: 60, onTimeout: "deletePods" as const, rules: [] };
    const declared = list.map((host) => (host.name === "w3" ? host : { ...host, drain: own }));
    const registrations = await declare({ workers: { hosts: declared, count: 2, drain } });
    const filled = { ...drain, deleteEmptyDirData: false, force: false };
    const drainOf = (name: string) => find(registrations, ":NodeMembership", name).inputs.drain;
    expect([drainOf("w1"), drainOf("w3")]).toEqual([{ ...filled, ...own }, filled]);
    expect(find(registrations, ":Roster", "dev").inputs.pools).toEqual([
      {
        name: "workers",
        maxUnavailable: 1,
        drain: filled,
        // w2 is beyond count: were it a member until now, it would leave by its own policy.
        hostDrains: { w1: { ...filled, ...own }, w2: { ...filled, ...own } },
      },
    ]);
  });

  it("get their machine, token and join from what enrolled and joined them", async () => {
    const { inputs } = find(await declare({ workers: { hosts: hosts("w1") } }), ":NodeMembership", "w1");
    expect([inputs.machineId, inputs.tokenId, inputs.joinId]).toEqual([
      "machine-of-w1",
      "abcdef",
      "w1-joined",
    ]);
  });

  it("may have an address that another resource makes", async () => {
    const address = pulumi.output("10.0.0.9");
    const registrations = await declare({ workers: { hosts: [{ name: "w1", address, hostKey }] } });
    expect(find(registrations, ":HostEnrollment", "w1").inputs.host).toEqual({
      address: "10.0.0.9",
      port: 22,
      user: "root",
      hostKey,
    });
  });
});

describe("the roster", () => {
  const drain = { timeoutSeconds: 600, deleteEmptyDirData: false, force: false };

  it("lists the members of all pools, sorted, and depends on each of them", async () => {
    const registrations = await declare({
      workers: { hosts: hosts("w3", "w1"), maxUnavailable: 2 },
      batch: { hosts: hosts("w2", "w0"), count: 1 },
    });
    const { inputs, dependencies } = find(registrations, ":Roster", "dev");
    expect(inputs).toEqual({
      schema: 1,
      owner: "acme/nodepools/dev",
      members: [
        { node: "w1", pool: "workers", rejoinTrigger: "" },
        { node: "w2", pool: "batch", rejoinTrigger: "" },
        { node: "w3", pool: "workers", rejoinTrigger: "" },
      ],
      pools: [
        { name: "batch", maxUnavailable: 1, drain },
        { name: "workers", maxUnavailable: 2, drain },
      ],
      __urn: inputs.__urn,
    });
    const memberships = registrations.filter(({ type }) => type.endsWith(":NodeMembership"));
    expect(dependencies).toEqual(memberships.map(({ urn }) => urn).sort());
  });

  it("is empty for a cluster without pools", async () => {
    const { inputs, dependencies } = find(await declare({}), ":Roster", "dev");
    expect([inputs.members, inputs.pools, dependencies]).toEqual([[], [], []]);
  });

  const credentials = { privateKey };
  const late = (cluster: Cluster) => new NodePool("late", { cluster, hosts: hosts("w1") });

  it("takes no pool that is declared after an await, and says what takes it", async () => {
    const program = runProgram(async () => {
      const cluster = newCluster();
      await setImmediate();
      late(cluster);
    });
    await expect(program).rejects.toThrow(
      new pulumi.RunError(
        'declaring pool "late": the pools of its cluster are complete. Give the pools to the Cluster, as `pools`, or declare all of them right after it, without awaiting in between',
      ),
    );
  });

  it("takes no other pool when the cluster has its pools given", async () => {
    const program = runProgram(() => void late(new Cluster("dev", { credentials, pools: [] })));
    await expect(program).rejects.toThrow(
      'declaring pool "late": the pools of its cluster are complete. Add it to the `pools` of the Cluster',
    );
  });

  it("is the same for given pools, in a program that awaits wherever it wants", async () => {
    const declared = {
      workers: { hosts: hosts("w3", "w1") },
      batch: { hosts: hosts("w2"), maxUnavailable: 2 },
    };
    const given = await runProgram(async () => {
      await setImmediate();
      const pools = Object.entries(declared).map(([name, pool]) => ({ name, ...pool }));
      new Cluster("dev", { credentials, pools });
      await setImmediate();
    });
    expect(given).toEqual(await declare(declared));
  });
});

it("refuses wrong pool arguments with one error that names all of them", async () => {
  const wrong = {
    count: -1,
    maxUnavailable: 0,
    hosts: [
      { name: "W1", address: "10.0.0.1", hostKey },
      { name: "w2", address: "10.0.0.2" },
    ],
  };
  const error = await declare({ workers: wrong }).catch((thrown: unknown) => thrown);
  if (!(error instanceof pulumi.RunError)) return expect.fail("no RunError was thrown");
  expect(error.message).toMatch(/^declaring pool "workers": 4 problems/);
  expect(error.message.split("\n").map((line) => line.trim().split(":")[0])).toEqual([
    'declaring pool "workers"',
    "count",
    "maxUnavailable",
    "hosts[0].name",
    "hosts[1].hostKey",
  ]);
});
