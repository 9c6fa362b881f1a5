// The command line of the lab: `npm run lab -- <verb>`.
import { join } from "node:path";
import { type LabCommand, parseCommandLine, UsageError } from "./command-line.ts";
import { sshCommand } from "./hosts/ssh.ts";
import { down, findHost, labEnvironment, network, openLab, power, up } from "./lab.ts";
import { insideNetwork } from "./network/namespace.ts";
import { runAttached } from "./processes/run-attached.ts";
import { requireRoot } from "./requirements.ts";
import { describeLab } from "./status.ts";

const lab = openLab(process.env.NODEPOOLS_LAB || join(import.meta.dirname, "..", ".lab"));

/** Does what was asked and returns the exit status. */
async function run(command: LabCommand): Promise<number> {
  requireRoot();
  switch (command.verb) {
    case "up":
      await up(lab, command);
      return 0;
    case "down":
      await down(lab);
      return 0;
    case "status":
      console.log(await describeLab(lab));
      return 0;
    case "kubectl":
      return runAttached(insideNetwork(lab, ["kubectl", ...command.argv]), labEnvironment(lab));
    case "exec":
      return runAttached(insideNetwork(lab, command.argv), labEnvironment(lab));
    case "ssh":
      return runAttached(sshCommand(lab, findHost(lab, command.host), command.argv), process.env);
    case "power":
      await power(lab, command.host, command.action);
      return 0;
    case "network":
      await network(lab, command.host, command.state);
      return 0;
  }
}

try {
  process.exitCode = await run(parseCommandLine(process.argv.slice(2)));
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
