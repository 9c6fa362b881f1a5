// Every rule for `drain`, of a pool and of a host, with its exact message.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeDrain } from "../../../components/model/pool-policy.ts";
import { resolvePool } from "../../../components/settings/pool.ts";
import type { DrainArgs, DrainRuleArgs, PoolArgs } from "../../../components/settings/pool-args.ts";
import { config, host, pool, problemsOf } from "./declared.ts";

const withPool = (drain: unknown) => problemsOf(config({ pools: [pool({ drain })] }));
const withHost = (drain: unknown) =>
  problemsOf(config({ pools: [pool({ hosts: [host("w1", "10.0.0.1", { drain })] })] }));

/** The messages for a drain, which must be the same for a pool and for a host; without the path of the drain. */
function faults(drain: unknown): string[] {
  const ofPool = withPool(drain).map((line) => line.replace("pools[0].drain", ""));
  const ofHost = withHost(drain).map((line) => line.replace("pools[0].hosts[0].drain", ""));
  // A repeated name is said with the place of the first one.
  expect(ofHost.map((line) => line.replaceAll("hosts[0].", ""))).toEqual(ofPool);
  return ofPool;
}

const fields = {
  timeoutSeconds: 30,
  gracePeriodSeconds: 0,
  deleteEmptyDirData: true,
  force: true,
  podSelector: "app=web,!legacy",
  skipWaitForDeleteTimeoutSeconds: 1,
  volumeDetachTimeoutSeconds: 10,
  waitForReplacements: 30,
  onTimeout: "deletePods",
  onFailure: "restore",
  evictDaemonSetPods: true,
  podLabels: "ignore",
  podAnnotations: "honour",
  rules: [
    { name: "all", action: "skip" },
    { name: "db", pods: "app in (db)", namespaces: "", action: "drain", order: -(2 ** 31) },
    { name: "jobs", pods: "job", action: "waitCompleted" },
  ],
} as const satisfies DrainArgs;

const drained = (drain?: DrainArgs, ofHost?: DrainArgs) => {
  const hosts = [host("w1", "10.0.0.1", ofHost && { drain: ofHost })];
  const args = { name: "workers", hosts, ...(drain && { drain }) };
  const resolved = resolvePool(args as unknown as PoolArgs);
  return { pool: resolved.drain, host: resolved.hosts[0]?.drain };
};

describe("the drain of a pool", () => {
  it("has three defaults; what else is absent stays absent", () => {
    const defaults = { timeoutSeconds: 600, deleteEmptyDirData: false, force: false };
    expect(drained()).toStrictEqual({ pool: defaults, host: undefined });
    expect(drained({ onTimeout: "fail" }).pool).toStrictEqual({ ...defaults, onTimeout: "fail" });
  });

  it("keeps every field, and all fields of its rules", () => {
    expect(drained(fields).pool).toStrictEqual(fields);
  });

  it("drops fields that a program gives as undefined", () => {
    const loose = {
      ...fields,
      onFailure: undefined,
      rules: [{ name: "a", action: "skip", pods: undefined }],
    };
    const { onFailure: _, ...rest } = fields;
    expect(drained(loose as unknown as DrainArgs).pool).toStrictEqual({
      ...rest,
      rules: [{ name: "a", action: "skip" }],
    });
  });
});

describe("the drain of a host", () => {
  it("has no defaults: what it leaves out is its pool's", () => {
    expect(drained(fields, {}).host).toStrictEqual({});
    expect(drained(fields, { force: false }).host).toStrictEqual({ force: false });
    const never = { waitForReplacements: false };
    expect(mergeDrain(drained(fields).pool, drained(fields, never).host)).toMatchObject(never);
    expect(drained({}, fields).host).toStrictEqual(fields);
  });

  it("merges with its pool's to a policy that is valid itself", () => {
    const rule: fc.Arbitrary<DrainRuleArgs> = fc.oneof(
      fc.record(
        { name: fc.constantFrom("a", "b", "c"), action: fc.constant("drain" as const), order: fc.integer() },
        { requiredKeys: ["name", "action"], noNullPrototype: true },
      ),
      fc.record(
        {
          name: fc.constantFrom("a", "b", "c"),
          action: fc.constantFrom("skip" as const, "waitCompleted" as const),
          pods: fc.constantFrom("", "app=web"),
        },
        { noNullPrototype: true },
      ),
    );
    const args: fc.Arbitrary<DrainArgs> = fc.record(
      {
        timeoutSeconds: fc.integer({ min: 10, max: 86_400 }),
        gracePeriodSeconds: fc.integer({ min: 0, max: 86_400 }),
        volumeDetachTimeoutSeconds: fc.integer({ min: 10, max: 86_400 }),
        onTimeout: fc.constantFrom("fail", "deletePods"),
        evictDaemonSetPods: fc.boolean(),
        rules: fc.uniqueArray(rule, { selector: ({ name }) => name }),
      },
      { requiredKeys: [], noNullPrototype: true },
    );
    fc.assert(
      fc.property(args, args, (ofPool, ofHost) => {
        const { pool: policy, host: override } = drained(ofPool, ofHost);
        const merged = mergeDrain(policy, override);
        expect(drained(merged).pool).toStrictEqual(merged);
        expect(merged).toStrictEqual({ ...policy, ...ofHost });
      }),
    );
  });
});

describe("J-21 fields of a drain", () => {
  it.each([
    ["timeoutSeconds", 9, "10 to 86400"],
    ["timeoutSeconds", 86_401, "10 to 86400"],
    ["gracePeriodSeconds", -1, "0 to 86400"],
    ["skipWaitForDeleteTimeoutSeconds", 0, "1 to 86400"],
    ["skipWaitForDeleteTimeoutSeconds", 86_401, "1 to 86400"],
    ["volumeDetachTimeoutSeconds", 9, "10 to 86400"],
    ["volumeDetachTimeoutSeconds", 86_401, "10 to 86400"],
    ["volumeDetachTimeoutSeconds", 10.5, "10 to 86400"],
    ["waitForReplacements", 9, "10 to 86400"],
  ])("refuses %s %j", (field, value, range) => {
    expect(faults({ [field]: value })).toEqual([
      `.${field}: ${value} is not a whole number of seconds; allowed: ${range}.`,
    ]);
  });

  it.each([
    [
      "onTimeout",
      "deletePod",
      'a reaction to the timeout; allowed: fail, deletePods. Did you mean "deletePods"?',
    ],
    ["onTimeout", "ignore", "a reaction to the timeout; allowed: fail, deletePods."],
    ["onFailure", "uncordon", "a reaction to a failure; allowed: leaveCordoned, restore."],
    ["podLabels", "skip", "what becomes of labels on pods; allowed: honour, ignore."],
    ["onFailure", true, "a reaction to a failure; allowed: leaveCordoned, restore."],
    ["evictDaemonSetPods", "yes", "true or false. Write true, without quotes."],
    [
      "waitForReplacements",
      "yes",
      "true, false or a whole number of seconds; allowed: true, false, 10 to 86400.",
    ],
    ["rules", { name: "a" }, "a list of rules."],
  ])("refuses %s %j", (field, value, text) => {
    const given = typeof value === "object" ? "a map" : JSON.stringify(value);
    expect(faults({ [field]: value })).toEqual([`.${field}: ${given} is not ${text}`]);
  });

  it.each([
    [null, ": empty. Give a map of drain options, or leave the key out."],
    [true, ": true is not a map of drain options."],
    [{ timeout: 5 }, '.timeout: unknown key. Did you mean "timeoutSeconds"?'],
    [
      { ignoreDaemonSets: true },
      `.ignoreDaemonSets: unknown key. Known here: ${Object.keys(fields).join(", ")}.`,
    ],
  ])("refuses the drain %j", (drain, text) => {
    expect(faults(drain)).toEqual([text]);
  });

  it("D-E23 refuses a pod selector that is none, and says where", () => {
    expect(faults({ podSelector: "app in (web" })).toEqual([
      '.podSelector: "app in (web" is not a label selector: expected "," or ")" at the end.',
    ]);
    expect(faults({ podSelector: 5 })).toEqual([
      '.podSelector: 5 is not a label selector. Write it in quotes: "5".',
    ]);
  });
});

describe("J-21 rules of a drain", () => {
  const nameRule =
    'is not a rule name; allowed: lower-case letters, digits and "-", a letter or digit at both ends; 1 to 63 characters.';

  it.each([
    [{ name: "My_rule", action: "skip" }, `.name: "My_rule" ${nameRule} Write for example "my-rule".`],
    [{ name: "", action: "skip" }, `.name: "" ${nameRule}`],
    [{ action: "skip" }, ".name: missing. Give a rule name."],
    [{ name: "a" }, ".action: missing. Give an action; allowed: drain, restart, skip, waitCompleted."],
    [
      { name: "a", action: "Skip", order: 1 },
      '.action: "Skip" is not an action; allowed: drain, restart, skip, waitCompleted. Did you mean "skip"?',
    ],
    [
      { name: "a", action: "evict" },
      '.action: "evict" is not an action; allowed: drain, restart, skip, waitCompleted.',
    ],
    [
      { name: "a", action: "drain", order: "first" },
      '.order: "first" is not a whole number; allowed: -2147483648 to 2147483647.',
    ],
    [
      { name: "a", action: "skip", order: "first" },
      '.order: "first" is not a whole number; allowed: -2147483648 to 2147483647.',
    ],
    [
      { name: "a", action: "drain", order: 2 ** 31 },
      ".order: 2147483648 is not a whole number; allowed: -2147483648 to 2147483647.",
    ],
    [
      { name: "a", action: "skip", pods: "size>4" },
      '.pods: "size>4" is not a label selector: "<" and ">" are not supported, at character 5; list the values, as in size in (4, 8).',
    ],
    [
      { name: "a", action: "skip", namespaces: "env prod" },
      '.namespaces: "env prod" is not a label selector: expected =, ==, !=, in, notin, "," or the end at character 5.',
    ],
    [
      { name: "a", action: "skip", labels: {} },
      ".labels: unknown key. It belongs in an entry of nodepools:pools, or in an entry of a pool's hosts. Known here: name, pods, namespaces, action, order.",
    ],
  ])("refuses the rule %j", (rule, text) => {
    expect(faults({ rules: [{ name: "z", action: "skip" }, rule] })).toEqual([`.rules[1]${text}`]);
  });

  it.each(["skip", "waitCompleted"])("D-O10 refuses an order with the action %s", (action) => {
    expect(faults({ rules: [{ name: "a", action, order: 0 }] })).toEqual([
      `.rules[0].order: 0 has no effect: action ${action} puts pods in no order. Remove it, or set the action to drain or restart.`,
    ]);
  });

  it("D-O07 refuses a name twice in one list: it decides between rules", () => {
    const rules = [
      { name: "a", action: "drain" },
      { name: "a", action: "skip" },
    ];
    expect(faults({ rules })).toEqual([
      '.rules[1].name: "a" is already the name of pools[0].drain.rules[0]. Give each rule its own name.',
    ]);
  });

  it("accepts the same name in the lists of a pool and of its hosts", () => {
    const drain = { rules: [{ name: "a", action: "skip" }] };
    const hosts = [host("w1", "10.0.0.1", { drain }), host("w2", "10.0.0.2", { drain })];
    expect(problemsOf(config({ pools: [pool({ drain, hosts })] }))).toEqual([]);
  });

  it("accepts every order that Kubernetes has", () => {
    const order = (name: string, value: number) => ({ name, action: "drain", order: value });
    expect(faults({ rules: [order("a", -(2 ** 31)), order("b", 0), order("c", 2 ** 31 - 1)] })).toEqual([]);
  });
});

it("J-23 never shows a text that may be a secret", () => {
  const secret = "-----BEGIN SECRET-----\nhunter2";
  const texts = { podSelector: secret, onTimeout: secret, onFailure: secret };
  const rules = [{ name: secret, pods: secret, namespaces: secret, action: secret }];
  const lines = withPool({ ...texts, rules });
  expect(lines).toHaveLength(7);
  expect(lines.filter((line) => line.includes("hunter2"))).toEqual([]);
});
