// The labs of a run of the tests: each comes up in the first lab test file of its worker and goes at the end.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { down, type Lab, openLab, up } from "../../lab/lab.ts";
import { runCommand } from "../../lab/processes/run-command.ts";
import { createIdentity } from "./lab-identity.ts";
import { hostCount, labFolder } from "./test-lab.ts";

const commandLine = join(import.meta.dirname, "../../lab/cli.ts");

/** Called by vitest once before the first test of any layer; the returned function at the end. */
export default async function setup(): Promise<() => Promise<void>> {
  await takeDownAll();
  return takeDownAll;
}

/** Takes down what there is, in silence, so that vitest's summary is the last thing said. */
export async function takeDownAll(): Promise<void> {
  const names = existsSync(labFolder) ? readdirSync(labFolder) : [];
  await Promise.all(names.map((name) => tearDown(openLab(join(labFolder, name)))));
}

async function tearDown(lab: Lab): Promise<void> {
  const env = { ...process.env, NODEPOOLS_LAB: lab.directory };
  await runCommand(["node", commandLine, "down"], { env, timeoutSeconds: 120 });
}

/** Brings a new lab up in the place of what is there. */
export async function setUpLab(lab: Lab): Promise<void> {
  await down(lab);
  await up(lab, { hosts: hostCount });
  await createIdentity(lab);
}
