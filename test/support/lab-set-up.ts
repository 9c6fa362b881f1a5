// Brings the shared lab up before the first lab test and down after the last.
import { join } from "node:path";
import { down, up } from "../../lab/lab.ts";
import { runCommand } from "../../lab/processes/run-command.ts";
import { createIdentity } from "./lab-identity.ts";
import { hostCount, lab } from "./test-lab.ts";

const commandLine = join(import.meta.dirname, "../../lab/cli.ts");

/** Called by vitest once; the returned function at the end. */
export default async function setup(): Promise<() => Promise<void>> {
  await down(lab);
  await up(lab, { hosts: hostCount });
  await createIdentity(lab);
  return tearDown;
}

/** Takes the lab down in silence, so that vitest's summary is the last thing said. */
async function tearDown(): Promise<void> {
  const env = { ...process.env, NODEPOOLS_LAB: lab.directory };
  await runCommand(["node", commandLine, "down"], { env, timeoutSeconds: 120 });
}
