// `npm test`: every test layer, with the tools being made and the static checks beside. Ends with vitest's own summary.
// `npm test -- <arguments>` runs what vitest makes of them, and no static checks.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheFolder } from "../lab/cache-folder.ts";
import { ensureBareImage } from "../lab/hosts/bare-image.ts";
import { ensureHostImage, type ImageTools } from "../lab/hosts/image.ts";
import { openLab } from "../lab/lab-folder.ts";
import { captureCommand } from "../lab/processes/run-command.ts";
import { ProgressBoard } from "../lab/progress.ts";
import { ensureDebianPackages } from "../lab/toolchain/debian-packages.ts";
import { ensureTools } from "../lab/toolchain/ensure-tools.ts";
import { familyToolNames, toolNames } from "../lab/toolchain/tools.ts";
import { machinePackages } from "../lab/up.ts";
import { outcomeVariable } from "./support/tools-at-hand.ts";

const root = join(import.meta.dirname, "..");

/** All of it before the first lab: several come up at once, and two apt-gets would meet. */
const packages = [
  ...machinePackages,
  "gnupg",
  "openssh-server",
  "openssh-client",
  "openssl",
  "shellcheck",
  "fish",
  ...["rpm", "dnf", "dnf-plugins-core", "createrepo-c"],
  "tcsh",
  "iproute2",
  "iptables",
  "util-linux",
];

const headStartMs = 10_000;
const staticChecks = ["check:format", "check:types", "check:imports", "check:dead"];
const selection = process.argv.slice(2);
/** Plain lines, also on a terminal: vitest draws on it at the same time. */
const board = new ProgressBoard({ write: (text) => process.stderr.write(text) });

/** Runs the checks one after the other and returns what those that failed have said. */
async function runStaticChecks(): Promise<string[]> {
  const problems: string[] = [];
  for (const name of selection.length > 0 ? [] : staticChecks) {
    await board
      .step(`npm run ${name}`, () => runStaticCheck(name))
      .catch((error) => {
        problems.push(messageOf(error));
      });
  }
  return problems;
}

async function runStaticCheck(name: string): Promise<void> {
  const result = await captureCommand(["npm", "run", "--silent", name], {
    cwd: root,
    timeoutSeconds: 600,
    env: { ...process.env, NO_COLOR: "1" },
  });
  if (result.status !== 0) throw new Error(`npm run ${name}:\n${result.stdout}${result.stderr}`);
}

/** Gets what the tests run, and writes the outcome into the file that they wait for. */
async function getTools(outcome: string): Promise<void> {
  const problem = await board
    .step("tools", (note) => ensureTools(toolNames, note))
    .then(getImages)
    .then(() => "", messageOf);
  writeFileSync(`${outcome}.writing`, problem);
  renameSync(`${outcome}.writing`, outcome);
  // One file of all needs these, and gets them itself where this has failed.
  if (problem === "" && selection.length === 0)
    await board
      .step("the runtime of a family of hosts", (note) => ensureTools(familyToolNames, note))
      .catch(() => undefined);
}

/** Builds what all labs' hosts boot from, which would be built under the clocks of the first tests otherwise. */
async function getImages({ kubelet, kubeadm }: Omit<ImageTools, "busybox">): Promise<void> {
  if (selection.length > 0) return;
  const lab = openLab(join(folder, "images"));
  mkdirSync(lab.logs, { recursive: true });
  const parts = { kubelet, kubeadm, busybox: "/bin/busybox" };
  await board.step("images of hosts", async (note) => {
    await ensureHostImage(lab, parts, note);
    await ensureBareImage(lab, parts, note);
  });
}

async function runVitest(outcome: string): Promise<number> {
  const argv = ["run", "--config", "test/vitest.config.ts", ...selection];
  // The API servers of labs and tests, and the Pulumi CLI, collect their garbage less often: there is memory enough.
  // And what Node has compiled once is not compiled again by each of a thousand processes.
  const cache = { NODE_COMPILE_CACHE: cacheFolder("node-compile") };
  const env = { GOGC: "1000", ...cache, ...process.env, [outcomeVariable]: outcome };
  const child = spawn("vitest", argv, { cwd: root, stdio: "inherit", env });
  const [code] = await once(child, "close");
  return typeof code === "number" ? code : 1;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const folder = mkdtempSync(join(tmpdir(), "nodepools-test-"));
try {
  const outcome = join(folder, "tools");
  await board.step("Debian packages", (note) => ensureDebianPackages(packages, note));
  const tools = getTools(outcome);
  // Tools that are there are found by then, and the tests that need a lab go first.
  await Promise.race([tools, sleep(headStartMs)]);
  const [problems, code] = await Promise.all([runStaticChecks(), runVitest(outcome), tools]);
  for (const problem of problems) board.say(`✗ ${problem}`);
  process.exitCode = problems.length > 0 ? 1 : code;
} catch (error) {
  board.say(`✗ ${messageOf(error)}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
