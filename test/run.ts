// `npm test`: installs what the tests need, then static checks, then every test layer. Ends with vitest's own summary.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { captureCommand } from "../lab/processes/run-command.ts";
import { say, step } from "../lab/progress.ts";
import { ensureDebianPackages } from "../lab/toolchain/debian-packages.ts";
import { ensureTools } from "../lab/toolchain/ensure-tools.ts";
import { toolNames } from "../lab/toolchain/tools.ts";

const root = join(import.meta.dirname, "..");

/** What the tests run beside what the lab itself installs. */
const packages = [
  "openssh-server",
  "openssh-client",
  "openssl",
  "shellcheck",
  "iproute2",
  "iptables",
  "util-linux",
];

const staticChecks = ["check:format", "check:types", "check:imports", "check:dead"];

async function runStaticCheck(name: string): Promise<void> {
  const result = await captureCommand(["npm", "run", "--silent", name], {
    cwd: root,
    timeoutSeconds: 300,
    env: { ...process.env, NO_COLOR: "1" },
  });
  if (result.status !== 0) throw new Error(`npm run ${name}:\n${result.stdout}${result.stderr}`);
}

async function runVitest(): Promise<number> {
  const argv = ["run", "--config", "test/vitest.config.ts", ...process.argv.slice(2)];
  const child = spawn("vitest", argv, { cwd: root, stdio: "inherit" });
  const [code] = await once(child, "close");
  return typeof code === "number" ? code : 1;
}

try {
  await step("Debian packages", (note) => ensureDebianPackages(packages, note));
  await step("tools", (note) => ensureTools(toolNames, note));
  for (const check of staticChecks) await step(`npm run ${check}`, () => runStaticCheck(check));
  process.exitCode = await runVitest();
} catch (error) {
  say(`✗ ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
