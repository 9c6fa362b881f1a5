// The recipes for CI: YAML that parses, pinned actions, no secret where strangers' code runs, commands that exist.
import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseCommandLine } from "../../../components/review/command-line.ts";

const root = new URL("../../../", import.meta.url).pathname;
const files = globSync("docs/ci/**/*.yml", { cwd: root }).sort();
const read = (file: string) => readFileSync(`${root}/${file}`, "utf8");

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly uses?: string;
  readonly steps?: readonly Step[];
  readonly "timeout-minutes"?: number;
  readonly if?: string;
  readonly environment?: string;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": boolean };
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly concurrency?: Job["concurrency"];
  readonly jobs: Readonly<Record<string, Job>>;
}

const workflows = files.filter((file) => file.includes("/github/"));
const jobsOf = (file: string) => Object.entries((parse(read(file)) as Workflow).jobs);
const stepsOf = (file: string) => jobsOf(file).flatMap(([, { steps = [] }]) => steps);

/** Every line that runs the command, in both platforms' files. */
const commands = files.flatMap((file) =>
  [...read(file).matchAll(/npx nodepools (.*)$/gm)].map(([, line = ""]) => ({ file, line })),
);

it("are there for both platforms", () => {
  expect(files).toEqual([
    "docs/ci/github/nodepools-apply.yml",
    "docs/ci/github/nodepools-drift.yml",
    "docs/ci/github/nodepools-review.yml",
    "docs/ci/github/nodepools-stack.yml",
    "docs/ci/gitlab/nodepools.gitlab-ci.yml",
  ]);
});

it.each(commands)("run in $file what nodepools takes: $line", ({ line }) => {
  const words = line.replace(/ \|\| .*$/, "").match(/"[^"]*"|\S+/g) ?? [];
  const argv = words.map((word) => word.replaceAll('"', "").replace(/^\$/, "a-"));
  expect(parseCommandLine(argv).verb).not.toBe("help");
});

describe.each(workflows)("%s", (file) => {
  it("pins every action by its commit, or says of it that it is not", () => {
    const lines = read(file).split("\n");
    const loose = lines.filter(
      (line) => /uses: /.test(line) && !/@[0-9a-f]{40} # v\d+\.\d+\.\d+$|uses: \.\//.test(line),
    );
    expect(new Set(loose.map((line) => line.trim()))).toEqual(
      new Set(loose.length > 0 ? ["- uses: pulumi/actions@v6"] : []),
    );
  });

  it("gives the workflow's token little, keeps it out of the checkout, and runs no one else's code with secrets", () => {
    const { on, permissions } = parse(read(file)) as Workflow;
    expect(Object.keys(on)).not.toContain("pull_request_target");
    expect([{}, { contents: "read" }]).toContainEqual(permissions);
    const checkouts = stepsOf(file).filter(({ uses = "" }) => uses.startsWith("actions/checkout@"));
    expect(checkouts.filter((step) => step.with?.["persist-credentials"] !== false)).toEqual([]);
    const withSecrets = jobsOf(file).filter(([, job]) => /\bsecrets\./.test(JSON.stringify(job)));
    expect(withSecrets.filter(([, job]) => job.environment === undefined)).toEqual([]);
    if ("pull_request" in on)
      expect(withSecrets.map(([, job]) => job.if)).toEqual([
        "github.event.pull_request.head.repo.full_name == github.repository",
      ]);
  });

  it("puts no foreign text into a script", () => {
    expect(stepsOf(file).filter(({ run = "" }) => run.includes("${{"))).toEqual([]);
  });

  it("ends every job in time, and deletes what it wrote of credentials", () => {
    const own = jobsOf(file).filter(([, job]) => job.uses === undefined);
    expect(own.filter(([, job]) => job["timeout-minutes"] === undefined)).toEqual([]);
    for (const [, { steps = [] }] of own) {
      const written = steps.some(({ run = "" }) => run.includes("> admin.conf"));
      const last = steps.at(-1);
      expect(written ? last?.if : "always()").toBe("always()");
      expect(written ? last?.run : "rm -f admin.conf").toContain("rm -f admin.conf");
    }
  });
});

const laneOf = (name: string) => `nodepools-$\{{ ${name} }}`;

it("let one change of a stack run at a time on GitHub, and cancel none", () => {
  const lane = { group: laneOf("inputs.stack"), "cancel-in-progress": false };
  expect((parse(read("docs/ci/github/nodepools-stack.yml")) as Workflow).concurrency).toEqual(lane);
  const [[, drift] = []] = jobsOf("docs/ci/github/nodepools-drift.yml");
  expect(drift?.concurrency).toEqual({ ...lane, group: laneOf("matrix.stack") });
});

it("let one change of a stack run at a time on GitLab, by hand and in a protected environment", () => {
  const jobs = parse(read("docs/ci/gitlab/nodepools.gitlab-ci.yml")) as Record<
    string,
    Record<string, unknown>
  >;
  for (const name of ["nodepools plan", "nodepools up", "nodepools drift"])
    expect(jobs[name]?.resource_group).toBe("nodepools-$STACK");
  expect(jobs["nodepools up"]).toMatchObject({
    environment: { name: "prod" },
    rules: [{ when: "manual" }],
    interruptible: false,
  });
});
