// Brings the labs of all workers up before the first lab test and down after the last.
import { join } from "node:path";
import { down, type Lab, up } from "../../lab/lab.ts";
import { runCommand } from "../../lab/processes/run-command.ts";
import { createIdentity } from "./lab-identity.ts";
import { hostCount, labCount, labOf } from "./test-lab.ts";

const commandLine = join(import.meta.dirname, "../../lab/cli.ts");

/** Called by vitest once; the returned function at the end. */
export default async function setup(): Promise<() => Promise<void>> {
  const labs = Array.from({ length: labCount }, (_, at) => labOf(at + 1));
  // One after the other: what both need is made once.
  for (const lab of labs) await setUpLab(lab);
  return async () => {
    await Promise.all(labs.map(tearDown));
  };
}

/** Brings a new lab up in the place of what is there. */
export async function setUpLab(lab: Lab): Promise<void> {
  await down(lab);
  await up(lab, { hosts: hostCount });
  await createIdentity(lab);
}

/** Takes a lab down in silence, so that vitest's summary is the last thing said. */
async function tearDown(lab: Lab): Promise<void> {
  const env = { ...process.env, NODEPOOLS_LAB: lab.directory };
  await runCommand(["node", commandLine, "down"], { env, timeoutSeconds: 120 });
}
