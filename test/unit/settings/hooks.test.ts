// Every rule for `hooks`, with its exact message.
import { describe, expect, it } from "vitest";
import { readDeclaredRoster } from "../../../components/settings/declared-roster.ts";
import { resolvePool } from "../../../components/settings/pool.ts";
import type { PoolArgs } from "../../../components/settings/pool-args.ts";
import { config, environment, pool, problemsOf } from "./declared.ts";

const manifest = { spec: { template: { spec: { containers: [{ name: "main", image: "backup" }] } } } };
const job = { namespace: "ops", manifest };

const faults = (hooks: unknown, files: Record<string, string> = {}) =>
  problemsOf(config({ pools: [pool({ hooks })] }), environment({ "admin.conf": "", ...files })).map((line) =>
    line.replace("pools[0].hooks", ""),
  );
const fault = (hook: object) => faults({ beforeDrain: [hook] });

it("takes commands and Jobs, and runs each up to 600 s", () => {
  const hooks = {
    beforeDrain: [{ name: "backup", command: "backup" }],
    afterJoin: [{ name: "tell", job, timeoutSeconds: 5 }],
  };
  expect(faults(hooks)).toEqual([]);
  const declared = { ...pool({ hooks }) } as unknown as PoolArgs;
  const filled = {
    beforeDrain: [{ name: "backup", command: "backup", timeoutSeconds: 600 }],
    afterJoin: [{ name: "tell", job, timeoutSeconds: 5 }],
  };
  expect(resolvePool(declared).hooks).toEqual(filled);
  expect(readDeclaredRoster({ pools: [pool({ hooks })], problems: [] })?.pools[0]?.hooks).toEqual(filled);
});

describe("refuses", () => {
  it.each<[string, object, string]>([
    ["neither kind", { name: "a" }, ".beforeDrain[0]: neither command nor job. Give one of the two."],
    [
      "both kinds",
      { name: "a", command: "x", job },
      ".beforeDrain[0]: command and job. Give one of the two.",
    ],
    [
      "an empty command",
      { name: "a", command: " " },
      ".beforeDrain[0].command: empty. Give a command for sh.",
    ],
    [
      "a script as a command",
      { name: "a", command: "x".repeat(65_537) },
      ".beforeDrain[0].command: a command of 65537 characters; at most 65536. Put it on the hosts as a file, and call that.",
    ],
    [
      "a Job without either",
      { name: "a", job: { namespace: "ops" } },
      ".beforeDrain[0].job: neither manifest nor file. Give one of the two.",
    ],
    [
      "what is no Job",
      { name: "a", job: { namespace: "ops", manifest: { kind: "Pod" } } },
      ".beforeDrain[0].job.manifest: is not a Job: give one of apiVersion batch/v1.",
    ],
    [
      "a Job of another namespace",
      { name: "a", job: { namespace: "ops", manifest: { ...manifest, metadata: { namespace: "x" } } } },
      ".beforeDrain[0].job.manifest: names a namespace of its own: give the one of the hook, or leave it out.",
    ],
    [
      "a limit of none",
      { name: "a", command: "x", timeoutSeconds: 0 },
      ".beforeDrain[0].timeoutSeconds: 0 is not a whole number of seconds; allowed: 1 to 86400.",
    ],
    [
      "a long name",
      { name: "a".repeat(41), command: "x" },
      `.beforeDrain[0].name: "${"a".repeat(41)}" is too long: at most 40 characters.`,
    ],
  ])("%s", (_what, hook, text) => {
    expect(fault(hook)).toEqual([text]);
  });

  it("a name twice in one list, not in two", () => {
    const hook = { name: "a", command: "x" };
    expect(faults({ beforeDrain: [hook], afterDrain: [hook] })).toEqual([]);
    expect(fault({}).length).toBeGreaterThan(0);
    expect(faults({ beforeDrain: [hook, hook] })).toEqual([
      '.beforeDrain[1].name: "a" is already the name of pools[0].hooks.beforeDrain[0]. Give each hook its own name.',
    ]);
  });

  it("a file that is missing, no YAML, or no Job", () => {
    const of = (file: string) => ({ beforeDrain: [{ name: "a", job: { namespace: "ops", file } }] });
    const place = ".beforeDrain[0].job.file";
    expect(faults(of("job.yaml"))).toEqual([
      `${place}: "job.yaml" cannot be read: no such file. Paths are relative to the project's folder: correct the path, or create the file.`,
    ]);
    expect(faults(of("job.yaml"), { "job.yaml": "a: [" })).toEqual([
      `${place}: "job.yaml" is neither YAML nor JSON with one document.`,
    ]);
    expect(faults(of("job.yaml"), { "job.yaml": "kind: Job\nspec: {}\n" })).toEqual([
      `${place}: "job.yaml" has no containers: give spec.template.spec.containers.`,
    ]);
    expect(faults(of("job.yaml"), { "job.yaml": JSON.stringify(manifest) })).toEqual([]);
  });

  it("a moment that is none, with the one that was meant", () => {
    expect(faults({ beforeDrian: [] })).toEqual(['.beforeDrian: unknown key. Did you mean "beforeDrain"?']);
  });
});
