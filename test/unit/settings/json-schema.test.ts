// The schema that editors check configs with: as strict as the program about shape, and every field explained.
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { configSchema } from "../../../build/config-schema.cjs";
import {
  drainDefaults,
  hookDefaults,
  loginDefaults,
  poolDefaults,
} from "../../../components/model/defaults.ts";
import { hookPoints } from "../../../components/model/hooks.ts";
import { config, host, pool } from "./declared.ts";

const schema = JSON.parse(configSchema());
const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);

/** Returns the places of a config that the schema refuses. */
function refused(raw: object): string[] {
  const keys = Object.entries(raw).map(([key, value]) => [`nodepools:${key}`, value]);
  validate({ config: { ...Object.fromEntries(keys), "other:key": 1 }, encryptionsalt: "v1:x" });
  return [...new Set((validate.errors ?? []).map(({ instancePath }) => instancePath))];
}

/** Lists every field below a schema with its description. */
function fields(json: unknown): [string, { readonly description?: string; readonly default?: unknown }][] {
  if (typeof json !== "object" || json === null) return [];
  const { properties = {}, ...others } = json as { readonly properties?: Record<string, object> };
  const own = Object.entries(properties) as ReturnType<typeof fields>;
  return [...own, ...Object.values(properties).flatMap(fields), ...Object.values(others).flatMap(fields)];
}

describe("the JSON schema of the config", () => {
  it("takes a config, secrets encrypted or not, and any program's other keys", () => {
    const secure = { secure: "v1:x" };
    expect(refused(config())).toEqual([]);
    expect(refused(config({ cluster: { kubeconfig: secure }, ssh: { password: secure } }))).toEqual([]);
    expect(refused(config({ ssh: secure }))).toEqual([]);
  });

  it.each([
    ["an unknown key", pool({ cuont: 2 })],
    ["a word that is none", pool({ hosts: [host("w1", "192.0.2.1", { state: "resting" })] })],
    ["a number out of bounds", pool({ drain: { timeoutSeconds: 5 } })],
    ["a share that is none", pool({ maxUnavailable: "101%" })],
    ["a number of nodes that is none", pool({ maxUnavailable: 0 })],
    ["a missing field", pool({ hosts: [{ name: "w1" }] })],
    ["a preparation without a version", pool({ prepare: {} })],
    ["a word that is no preparation", pool({ prepare: "some" })],
    ["a secret where none may stand", pool({ labels: { a: { secure: "v1:x" } } })],
  ])("refuses %s", (_, wrong) => {
    expect(refused(config({ pools: [wrong] }))).not.toEqual([]);
  });

  it("takes both forms of a share and of a preparation", () => {
    const prepare = { kubernetes: "1.34" };
    const pools = [
      pool({ maxUnavailable: 2, prepare: "none" }),
      pool({ maxUnavailable: "25%", prepare, limits: { maxRemovals: 0 } }),
    ];
    expect(refused(config({ pools }))).toEqual([]);
  });

  it("explains every field in one line", () => {
    const known = fields(schema).filter(([name]) => !["config", "secure"].includes(name));
    expect(known.length).toBeGreaterThan(60);
    const unexplained = known.filter(([, { description = "" }]) => !/^[^\n*]{10,}\.$/.test(description));
    expect(unexplained.map(([name]) => name)).toEqual([]);
  });

  it("has the program's defaults", () => {
    const all = fields(schema);
    const defaults = (name: string) =>
      all
        .filter(([field, value]) => field === name && value.default !== undefined)
        .map(([, value]) => value.default);
    expect(defaults("maxUnavailable")).toEqual([poolDefaults.maxUnavailable]);
    const ofHooks = hookPoints.map(() => hookDefaults.timeoutSeconds);
    expect(defaults("timeoutSeconds")).toEqual([drainDefaults.timeoutSeconds, ...ofHooks]);
    expect(defaults("user")).toEqual([loginDefaults.user]);
    expect(defaults("state")).toEqual(["active"]);
  });
});
