// What the docstrings say is what the code does: options and defaults.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import {
  defaultHostState,
  drainDefaults,
  hookDefaults,
  loginDefaults,
  poolDefaults,
} from "../../../components/model/defaults.ts";
import { knownFields } from "../../../components/settings/schema.ts";

const read = (name: string) =>
  readFileSync(new URL(`../../../components/settings/${name}`, import.meta.url), "utf8");

/** Docstrings by `Interface.field`. */
function docstrings(): Map<string, string> {
  const interfaces = read("pool-args.ts").split("interface ").slice(1);
  return new Map(
    interfaces.flatMap((text) => {
      const fields = text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s+readonly (\w+)/g);
      return [...fields].map(([, doc = "", field]) => [`${text.split(" ", 1)[0]}.${field}`, doc] as const);
    }),
  );
}

it("documents every option of pools, hosts, drains, rules and limits, each with what its change does", () => {
  const documented = (name: string) =>
    [...docstrings().keys()].filter((key) => key.startsWith(`${name}.`)).map((key) => key.split(".")[1]);
  const metadata = documented("MetadataArgs");
  // Programs give their pools' hosts themselves.
  const ofFiles = ["hostsFile"];
  expect([...documented("PoolArgs"), ...metadata, ...ofFiles].sort()).toEqual(
    [...(knownFields.pools ?? [])].sort(),
  );
  expect([...documented("HostArgs"), ...metadata].sort()).toEqual([...(knownFields.hosts ?? [])].sort());
  expect(documented("DrainArgs").sort()).toEqual([...(knownFields.drain ?? [])].sort());
  expect(documented("HooksArgs").sort()).toEqual([...(knownFields.hooks ?? [])].sort());
  expect(documented("HookArgs").sort()).toEqual([...(knownFields.beforeDrain ?? [])].sort());
  expect(documented("HookJobArgs").sort()).toEqual([...(knownFields.job ?? [])].sort());
  expect(documented("LimitsArgs").sort()).toEqual([...(knownFields.limits ?? [])].sort());
  expect(documented("DrainRuleArgs").sort()).toEqual([...(knownFields.rules ?? [])].sort());
  expect([...docstrings().values()].filter((doc) => !doc.includes("Change effect: "))).toEqual([]);
});

it("documents the defaults that it has", () => {
  const defaults = {
    PoolArgs: poolDefaults,
    DrainArgs: drainDefaults,
    HookArgs: hookDefaults,
    HostArgs: {
      state: defaultHostState,
      user: `ssh.user, else ${loginDefaults.user}`,
      port: `ssh.port, else ${loginDefaults.port}`,
    },
  };
  for (const [name, values] of Object.entries(defaults)) {
    for (const [field, value] of Object.entries(values)) {
      expect(docstrings().get(`${name}.${field}`)).toContain(`Default: ${value}.`);
    }
  }
});
