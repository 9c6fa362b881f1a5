// The review of two commits, and the command around it: a repository of its own, no Pulumi.
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { main } from "../../../components/review/main.ts";
import { reviewOffline } from "../../../components/review/offline.ts";
import { hostKey } from "../settings/declared.ts";
import { poolText, stackText } from "./stacks.ts";

const three = stackText(poolText("workers", ["w1", "w2", "w3"]));
const two = stackText(poolText("workers", ["w1", "w2"]));
let folder: string;

function git(...args: readonly string[]): string {
  const identity = ["-c", "user.name=Tester", "-c", "user.email=tester@example.com"];
  return execFileSync("git", [...identity, ...args], { cwd: folder, encoding: "utf8", stdio: "pipe" }).trim();
}

/** Commits files, and returns the commit; undefined deletes one. */
function commit(files: Readonly<Record<string, string | undefined>>): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    if (text === undefined) rmSync(join(folder, name));
    else writeFileSync(join(folder, name), text);
  }
  git("add", "--all");
  git("commit", "--quiet", "--message", "change");
  return git("rev-parse", "HEAD");
}

const review = (more: Partial<Parameters<typeof reviewOffline>[0]> = {}) =>
  reviewOffline({ folder, base: "HEAD~1", head: "HEAD", stacks: [], ...more });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nodepools-review-"));
  git("init", "--quiet", "--initial-branch", "main");
  commit({ "Pulumi.yaml": "name: pools\n", "Pulumi.dev.yaml": three, "Pulumi.prod.yaml": three });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a review of two commits", () => {
  it("is of each stack whose config differs", () => {
    commit({ "Pulumi.dev.yaml": two, "other.txt": "" });
    const { project, stacks } = review();
    expect([project, stacks.map(({ stack, verdict }) => [stack, verdict])]).toEqual([
      "pools",
      [["dev", "fine"]],
    ]);
  });

  it("is of every stack when what they share differs", () => {
    commit({ "Pulumi.yaml": "name: pools\ndescription: ours\n" });
    expect(review().stacks.map(({ stack, verdict }) => [stack, verdict])).toEqual([
      ["dev", "no-change"],
      ["prod", "no-change"],
    ]);
  });

  it("leaves out what others did on the base meanwhile", () => {
    const began = git("rev-parse", "HEAD");
    commit({ "Pulumi.prod.yaml": two });
    git("checkout", "--quiet", "-b", "topic", began);
    commit({ "Pulumi.dev.yaml": two });
    const { base, stacks } = review({ base: "main", head: "topic" });
    expect([base?.commit, stacks.map(({ stack }) => stack)]).toEqual([began, ["dev"]]);
  });

  it("finds projects in folders, their stacks' folder, and their known_hosts", () => {
    const keyless = `config:
  nodepools:cluster: { kubeconfig: ./admin.conf }
  nodepools:ssh: { agent: true, knownHostsFile: keys/known_hosts }
  nodepools:pools: [{ name: a, hosts: [{ name: w1, address: 192.0.2.1 }] }]
`;
    const project = {
      "sub/Pulumi.yaml": "name: other\nstackConfigDir: stacks\n",
      "sub/keys/known_hosts": "",
    };
    commit(project);
    commit({ "sub/stacks/Pulumi.dev.yaml": keyless });
    const read = () =>
      review({ folder: join(folder, "sub") }).stacks.map(({ concerns }) => concerns[0]?.text);
    expect(read()).toEqual([expect.stringContaining("pools[0].hosts[0].hostKey")]);
    commit({ "sub/keys/known_hosts": `192.0.2.1 ${hostKey}\n` });
    expect(review({ folder: join(folder, "sub"), base: "HEAD~2" }).stacks).toMatchObject([
      { stack: "dev", verdict: "fine" },
    ]);
  });

  it("reads inventories from both commits, and knows by them which stacks differ", () => {
    const config = (more: string) => `config:
  nodepools:cluster: { kubeconfig: ./admin.conf }
  nodepools:ssh: { agent: true }
  ${more}
`;
    const hosts = (...names: readonly string[]) =>
      ["name,address,hostKey", ...names.map((name) => `${name},192.0.2.${name.slice(1)},${hostKey}`)].join(
        "\n",
      );
    commit({
      "sub/Pulumi.yaml": "name: pools\n",
      "sub/Pulumi.dev.yaml": config("nodepools:pools: [{ name: a, hostsFile: ../shared/a.csv }]"),
      "sub/Pulumi.prod.yaml": config("nodepools:poolsFile: pools.yaml"),
      "sub/Pulumi.qa.yaml": config("nodepools:pools: [{ name: a, hostsFile: qa.csv }]"),
      "sub/pools.yaml": "- { name: b, hostsFile: ../shared/b.csv }\n",
      "sub/qa.csv": hosts("w1"),
      "shared/a.csv": hosts("w1", "w2", "w3"),
      "shared/b.csv": hosts("w1"),
    });
    commit({ "shared/a.csv": hosts("w1", "w2"), "shared/b.csv": hosts("w1", "w2") });
    const read = (more = {}) =>
      review({ folder: join(folder, "sub"), ...more }).stacks.map(({ stack, verdict, pools, concerns }) => ({
        ...{ stack, verdict, sizes: pools.map(({ before, after }) => [before, after]) },
        said: concerns.map(({ text }) => text),
      }));
    expect(read()).toEqual([
      { stack: "dev", verdict: "fine", sizes: [[3, 2]], said: [] },
      { stack: "prod", verdict: "fine", sizes: [[1, 2]], said: [] },
    ]);
    writeFileSync(join(folder, "shared/a.csv"), `${hosts("w1", "w2")}\nw_3,192.0.2.3,\n`);
    rmSync(join(folder, "shared/b.csv"));
    symlinkSync("a.csv", join(folder, "shared/b.csv"));
    commit({ "sub/qa.csv": undefined });
    expect(read().map(({ stack, verdict, said }) => [stack, verdict, said])).toEqual([
      [
        "dev",
        "refused",
        [
          expect.stringMatching(
            /^\.\.\/shared\/a\.csv:4: \[2\]\.name \(host "w_3" of pool "a"\): "w_3" is not /,
          ),
          expect.stringMatching(/^\.\.\/shared\/a\.csv:4: \[2\]\.hostKey .*: missing/),
        ],
      ],
      ["prod", "refused", [expect.stringContaining('"../shared/b.csv" is a link, and is not followed')]],
      ["qa", "refused", [expect.stringContaining('"qa.csv" is not in the repository: commit it.')]],
    ]);
  });

  it("refuses a config that no program could be started with", () => {
    const host = (at: number) =>
      `        - { name: w${at}, address: 10.0.${at >> 8}.${at % 256}, hostKey: ${hostKey} }\n`;
    commit({
      "Pulumi.dev.yaml": stackText(
        poolText(
          "a",
          Array.from({ length: 1000 }, (_, at) => host(at)),
        ),
      ),
    });
    expect(review().stacks.map(({ verdict, concerns }) => [verdict, concerns[0]?.text])).toEqual([
      ["refused", expect.stringMatching(/^the stack's config takes 1\d\d KiB, and .*"spawn E2BIG".* files/)],
    ]);
  });

  it("follows no link", () => {
    rmSync(join(folder, "Pulumi.dev.yaml"));
    symlinkSync("/etc/passwd", join(folder, "Pulumi.dev.yaml"));
    commit({});
    expect(review().stacks).toMatchObject([
      { verdict: "refused", concerns: [{ text: "Pulumi.dev.yaml is a link, and is not followed" }] },
    ]);
  });

  it("refuses a project file that is no YAML or a link, and files that are too large to be a config", () => {
    const judged = () =>
      review().stacks.map(({ stack, verdict, concerns }) => [
        stack,
        verdict,
        concerns.map(({ text }) => text),
      ]);
    commit({ "Pulumi.yaml": "name: [pools\n" });
    expect(judged()[0]).toEqual(["dev", "refused", ["Pulumi.yaml line 2 is not YAML (BAD_INDENT)"]]);
    commit({ "Pulumi.yaml": "name: pools\n" });
    commit({ "Pulumi.dev.yaml": `${three}# ${"x".repeat(5_000_000)}\n` });
    expect(judged()).toEqual([
      ["dev", "refused", ["Pulumi.dev.yaml has more than 4 MiB, or Git cannot read it"]],
    ]);
    rmSync(join(folder, "Pulumi.yaml"));
    symlinkSync("/etc/passwd", join(folder, "Pulumi.yaml"));
    commit({});
    expect(review().project).toBe("pools");
    expect(judged()[1]).toEqual(["prod", "refused", ["Pulumi.yaml is a link, and is not followed"]]);
  });

  it("runs no program that the repository configures for its files", () => {
    git("config", "filter.evil.smudge", `touch ${folder}/smudged`);
    git("config", "diff.evil.textconv", `touch ${folder}/converted`);
    commit({ ".gitattributes": "*.yaml filter=evil diff=evil\n", "Pulumi.dev.yaml": two });
    expect(review().stacks).toHaveLength(2 - 1);
    expect(["smudged", "converted"].filter((name) => existsSync(join(folder, name)))).toEqual([]);
  });
});

describe("nodepools review --offline", () => {
  const printed: string[] = [];
  const run = (...args: readonly string[]) =>
    main(["review", "--offline", "--cwd", folder, "--out", join(folder, "out"), ...args]);

  beforeEach(() => {
    printed.length = 0;
    for (const method of ["log", "error"] as const)
      vi.spyOn(console, method).mockImplementation((line: string) => void printed.push(line));
  });

  it("writes the report, says each verdict and why it is refused, and ends with the gravest one's code", async () => {
    commit({ "Pulumi.dev.yaml": two, "Pulumi.prod.yaml": stackText(poolText("workers", ["w1"])) });
    expect(await run("--base", "HEAD~1")).toBe(20);
    expect(printed).toEqual([
      "dev: Fine: 1 node leaves",
      "prod: Refused: 2 nodes leave; refused: 1",
      expect.stringMatching(
        /^ {2}Refused: pool "workers": .* To allow it, in pool workers: limits: \{ maxRemovals: 2 \}$/,
      ),
      expect.stringMatching(/^The report: .*\/out\/review\.md, /),
    ]);
    expect(JSON.parse(readFileSync(join(folder, "out/review.json"), "utf8"))).toMatchObject({
      schema: 1,
      stacks: [{ stack: "dev" }, { stack: "prod" }],
    });
    expect(readFileSync(join(folder, "out/review.md"), "utf8")).toMatch(
      /^<!-- nodepools:review pools -->\n.*\n\n## Node pools of pools: 2 stacks\n/,
    );
  });

  it("leaves no former report behind when it comes to none, and says when it cannot write one", async () => {
    commit({ "Pulumi.dev.yaml": two });
    expect(await run("--base", "HEAD~1")).toBe(0);
    expect(await run("--base", "nowhere")).toBe(23);
    expect(["review.md", "review.json"].filter((name) => existsSync(join(folder, "out", name)))).toEqual([]);
    printed.length = 0;
    expect(await run("--base", "HEAD~1", "--out", join(folder, "Pulumi.yaml"))).toBe(23);
    expect(printed).toEqual([
      expect.stringMatching(/^error: the report cannot be written to ".*" \(ENOTDIR\)\. /),
    ]);
  });

  it("writes a report when no stack differs", async () => {
    commit({ "other.txt": "" });
    expect(await run("--base", "HEAD~1")).toBe(0);
    expect(readFileSync(join(folder, "out/review.md"), "utf8")).toContain("No change");
  });

  it.each([
    { args: ["--base", "nowhere"], message: 'error: "nowhere" is no commit of this repository. ' },
    { args: ["--base", "--help-me"], message: "error: Option '--base' argument is ambiguous." },
    { args: ["--base=--output=x"], message: 'error: "--output=x" is no commit of this repository. ' },
    { args: ["--base", "HEAD", "--stack", "qa"], message: "error: neither commit has a Pulumi.qa.yaml. " },
    { args: ["--base", "HEAD", "--cwd", tmpdir()], message: "error: Git cannot read the repository of " },
    { args: [], message: "error: a review --offline needs --base. " },
    { args: ["--base", "HEAD", "extra"], message: 'error: unknown command "review extra". ' },
  ])("refuses $args in one sentence, with a code of its own", async ({ args, message }) => {
    expect(await run(...args)).toBe(23);
    expect(printed).toEqual([expect.stringContaining(message)]);
  });
});
