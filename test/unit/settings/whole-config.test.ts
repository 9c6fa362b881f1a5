// The config as a whole: defaults, order and wording of many problems, Outputs, and input that is anything at all.
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSettings } from "../../../components/settings/parse-settings.ts";
import { parsePool, resolvePool } from "../../../components/settings/pool.ts";
import type { PoolArgs } from "../../../components/settings/pool-args.ts";
import { formatProblems } from "../../../components/settings/problem-text.ts";
import { config, environment, host, hostKey, pool, problemsOf } from "./declared.ts";

const full: PoolArgs = {
  name: "gpu",
  count: 1,
  labels: { tier: "gpu" },
  taints: [{ key: "gpu", effect: "NoSchedule" }],
  annotations: { note: "a" },
  maxUnavailable: "25%",
  readyTimeoutSeconds: 60,
  drain: { timeoutSeconds: 30, gracePeriodSeconds: 0, deleteEmptyDirData: true, force: true },
  hosts: [
    {
      name: "g1",
      address: "10.0.0.1",
      hostKey,
      user: "ops",
      port: 2222,
      state: "cordoned",
      labels: { rack: "1" },
      taints: [{ key: "rack", value: "1", effect: "NoExecute" }],
      annotations: { note: "b" },
      drain: { force: false, rules: [{ name: "a", action: "skip" }] },
      rejoinTrigger: "2",
    },
  ],
};

describe("resolving", () => {
  it("fills in every default", () => {
    const { value } = parseSettings(
      config({ ssh: { agentSocket: "/a", user: "ops", port: 2222 } }),
      environment(),
    );
    const hosts = [host("w1", "10.0.0.1"), host("w2", "10.0.0.2")].map((one) => ({
      ...one,
      user: "ops",
      port: 2222,
      state: "active",
      labels: {},
      taints: [],
      annotations: {},
    }));
    expect(value?.pools).toStrictEqual([
      {
        name: "workers",
        labels: {},
        taints: [],
        annotations: {},
        maxUnavailable: 1,
        readyTimeoutSeconds: 600,
        drain: { timeoutSeconds: 600, deleteEmptyDirData: false, force: false },
        hosts,
      },
    ]);
  });

  it("keeps everything that is declared", () => {
    expect(resolvePool(full)).toStrictEqual(full);
  });

  it("takes a resolved pool as declared, with no undefined left in it", () => {
    const once = resolvePool({ ...(pool() as unknown as PoolArgs) });
    expect(resolvePool(once)).toStrictEqual(once);
    expect(once.hosts[0]).toMatchObject({ user: "root", port: 22 });
  });

  it("lets Outputs pass as address and host key", () => {
    const address = pulumi.output("10.0.0.1");
    const key = pulumi.output(hostKey);
    const { value } = parsePool({
      name: "a",
      hosts: [{ name: "w1", address, hostKey: key }, host("w2", "10.0.0.1")],
    });
    expect(value?.hosts[0]?.address).toBe(address);
    expect(value?.hosts[0]?.hostKey).toBe(key);
  });

  it("ends a program with a RunError, which Pulumi prints without a stack trace", () => {
    const wrong = { name: "a", count: 2, hosts: [] };
    const text =
      'declaring pool "a": 1 problem, nothing was changed.\n  count: 2 is more than the pool has eligible hosts (0); all but spare and lost ones are. Lower the count, or add hosts.';
    expect(() => resolvePool(wrong)).toThrow(new pulumi.RunError(text));
  });
});

describe("reporting", () => {
  const rules = [
    { name: "a", action: "skip", order: 1 },
    { name: "a", action: "drain" },
  ];
  const pools = [
    pool({ hosts: [host("w1", "a b"), host("W2", "10.0.0.2", { port: 0, zone: "z" })], name: "A", count: 3 }),
    pool({ name: "b", drain: { rules, force: 1, timeoutSeconds: 1 } }),
  ];
  const raw = config({ pools, ssh: { usr: "a" }, cluster: {} });

  it("reports all problems of all keys at once, in the order of the file", () => {
    expect(problemsOf(raw).map((line) => line.split(": ", 1)[0])).toEqual([
      "cluster.kubeconfig",
      "ssh",
      "ssh.usr",
      "pools[0].name",
      "pools[0].count",
      "pools[0].hosts[0].address",
      "pools[0].hosts[1].name",
      "pools[0].hosts[1].port",
      "pools[0].hosts[1].zone",
      "pools[1].drain.timeoutSeconds",
      "pools[1].drain.force",
      "pools[1].drain.rules[0].order",
      "pools[1].drain.rules[1].name",
      "pools[1].hosts[0].name",
      "pools[1].hosts[1].name",
    ]);
  });

  it("names host and pool beside the path", () => {
    const problems = [
      { path: ["ssh"], text: "missing." },
      { path: ["pools", 0, "name"], text: "wrong." },
      { path: ["pools", 0, "hosts", 1, "labels", "a/b"], text: "wrong." },
      { path: ["pools", 7], text: "wrong." },
    ];
    expect(formatProblems('reading the config of stack "dev"', problems, raw)).toBe(
      [
        'reading the config of stack "dev": 4 problems, nothing was changed.',
        "  ssh: missing.",
        '  pools[0].name (pool "A"): wrong.',
        '  pools[0].hosts[1].labels["a/b"] (host "W2" of pool "A"): wrong.',
        "  pools[7]: wrong.",
      ].join("\n"),
    );
  });
});

describe("any input", () => {
  const secret = "-----BEGIN SECRET-----\nhunter2";
  const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant(secret)) as fc.Arbitrary<unknown>;
  const words = [
    "name",
    "count",
    "labels",
    "taints",
    "drain",
    "hosts",
    "address",
    "hostKey",
    "state",
    "port",
    "key",
  ];
  const map = fc.dictionary(fc.oneof(fc.constantFrom(...words), fc.string()), value);
  const hosts = fc.oneof(value, fc.array(fc.oneof(map, value)));
  const pools = fc.oneof(
    value,
    fc.array(
      fc.oneof(
        value,
        fc.tuple(map, hosts).map(([some, list]) => ({ ...some, hosts: list })),
      ),
    ),
  );
  const secretField = fc.constantFrom(
    "privateKey",
    "privateKeyFile",
    "privateKeyPassphrase",
    "password",
    "user",
    "x",
  );
  const ssh = fc.oneof(value, fc.dictionary(secretField, fc.oneof(value, fc.constant([secret]))));
  const cluster = fc.oneof(value, fc.record({ kubeconfig: value, context: value }));

  it("J-23 never throws and never shows a secret", () => {
    fc.assert(
      fc.property(cluster, ssh, pools, (someCluster, someSsh, somePools) => {
        const raw = { cluster: someCluster, ssh: someSsh, pools: somePools };
        const { problems } = parseSettings(raw, environment());
        expect(formatProblems("reading", problems ?? [], raw)).not.toContain("hunter2");
      }),
      { numRuns: 500 },
    );
  });
});
