// The stand-in for the command plugin: what it makes of inputs and of their changes, without a connection.
import { describe, expect, it } from "vitest";
import { asSecret, type Properties, UNKNOWN } from "../../lab/stand-ins/properties.ts";
import { commandSite } from "./command-site.ts";

const site = commandSite();

describe("check", () => {
  it("fills in the defaults and makes the whole connection a secret", async () => {
    const { inputs } = await site.plugin.check({
      connection: { host: "w1", proxy: { host: "b" } },
      create: "true",
    });
    expect(inputs).toEqual({
      create: "true",
      connection: asSecret({
        host: "w1",
        user: "root",
        port: 22,
        dialErrorLimit: 10,
        perDialTimeout: 15,
        proxy: { host: "b", user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 },
      }),
    });
  });

  it("names each unusable input as a whole, and takes any logging", async () => {
    const { failures } = await site.plugin.check({ connection: { port: 22 }, create: 3, logging: "both" });
    expect(failures.map(({ property }) => property)).toEqual(["connection", "create"]);
  });

  it("accepts what is not known yet", async () => {
    const { failures } = await site.plugin.check({
      connection: asSecret({ host: UNKNOWN, port: UNKNOWN }),
      create: UNKNOWN,
      triggers: [UNKNOWN],
    });
    expect(failures).toEqual([]);
  });
});

describe("diff", () => {
  const stateOf = (inputs: Properties) => ({ ...inputs, stdout: "x", stderr: "y" });

  it("reports nothing when nothing changed", async () => {
    const inputs = await site.checked({ create: "true", triggers: [1, { a: "b" }], stdin: asSecret("s") });
    expect(await site.plugin.diff(stateOf(inputs), inputs)).toEqual({
      changes: "DIFF_NONE",
      replaces: [],
      detail: {},
    });
  });

  it("updates for changed triggers too: the SDK makes a replacement of it", async () => {
    const inputs = await site.checked({ create: "true", triggers: ["a"] });
    expect(await site.plugin.diff(stateOf(inputs), { ...inputs, triggers: ["b", "c"] })).toEqual({
      changes: "DIFF_SOME",
      replaces: [],
      detail: { "triggers[0]": "UPDATE", "triggers[1]": "ADD" },
    });
  });

  it("updates for any other input, and shows a secret only as a whole", async () => {
    const inputs = await site.checked({ create: "true", update: "true", environment: { A: "1" } });
    const moved = await site.checked(
      { create: "false", delete: "true", environment: { A: "2" } },
      { host: "w2" },
    );
    expect(await site.plugin.diff(stateOf(inputs), moved)).toEqual({
      changes: "DIFF_SOME",
      replaces: [],
      detail: {
        connection: "UPDATE",
        create: "UPDATE",
        update: "DELETE",
        delete: "ADD",
        "environment.A": "UPDATE",
      },
    });
  });

  it("updates for a bastion that comes, changes its key, or goes", async () => {
    const direct = await site.checked({ create: "true", triggers: ["a"] });
    const through = (privateKey: string) =>
      site.checked({ create: "true", triggers: ["a"] }, { proxy: { host: "b", privateKey } });
    const [one, other] = [await through("one"), await through("other")];
    for (const [before, after] of [
      [direct, one],
      [one, other],
      [other, direct],
    ] as const) {
      expect(await site.plugin.diff(stateOf(before), after)).toEqual({
        changes: "DIFF_SOME",
        replaces: [],
        detail: { connection: "UPDATE" },
      });
    }
  });

  it("updates for a trigger that is not known yet", async () => {
    const inputs = await site.checked({ create: "true", triggers: ["a"] });
    const { detail } = await site.plugin.diff(stateOf(inputs), { ...inputs, triggers: [UNKNOWN] });
    expect(detail).toEqual({ "triggers[0]": "UPDATE" });
  });
});

describe("read", () => {
  it("returns state and inputs as they are, without a connection", async () => {
    const inputs = await site.checked({ create: "true" }, { port: 1 });
    const state = { ...inputs, stdout: "x", stderr: "" };
    expect(await site.plugin.read(state, inputs)).toEqual({ id: "x", state, inputs });
  });
});
