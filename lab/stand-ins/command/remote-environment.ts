// Finds out which environment variables a server lets through (AcceptEnv in sshd_config).
import type { Client } from "ssh2";
import type { RowLog } from "../engine-log.ts";
import type { CommandInputs } from "./inputs.ts";
import { execute, sessionEnd } from "./ssh-exec.ts";

/** What a script wrote, without the last line end. */
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Returns the variables to set for the script. A refused variable of the `environment` input is an error; the
 * previous output is optional: refused, it is a warning.
 */
export async function acceptedEnvironment(
  client: Client,
  { environment = {}, addPreviousOutputInEnv = true }: CommandInputs,
  previous: CommandOutput,
  log: RowLog,
): Promise<Record<string, string>> {
  const accepted: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (!(await isAccepted(client, name, value))) {
      log.error(refusal(name));
      throw new Error(`could not set environment variable "${name}": ssh: setenv failed`);
    }
    accepted[name] = value;
  }
  if (!addPreviousOutputInEnv) return accepted;
  const optional = { PULUMI_COMMAND_STDOUT: previous.stdout, PULUMI_COMMAND_STDERR: previous.stderr };
  for (const [name, value] of Object.entries(optional)) {
    if (value === "") continue;
    if (await isAccepted(client, name, value)) accepted[name] = value;
    else log.warning(refusal(name));
  }
  return accepted;
}

/** ssh2 does not ask the server whether it took a variable, so a session of its own looks for it. */
async function isAccepted(client: Client, name: string, value: string): Promise<boolean> {
  const channel = await execute(client, `printenv '${name.replaceAll("'", "'\\''")}'`, {
    env: { [name]: value },
  });
  let seen = "";
  channel.setEncoding("utf8").on("data", (text: string) => {
    seen += text;
  });
  channel.stderr.resume();
  await sessionEnd(channel);
  return seen === `${value}\n`;
}

function refusal(name: string): string {
  return (
    `Unable to set '${name}'. This only works if your SSH server is configured to accept these variables via ` +
    "AcceptEnv. Alternatively, if a Bash-like shell runs the command on the remote host, you could prefix the " +
    "command itself with the variables in the form 'VAR=value command'"
  );
}
