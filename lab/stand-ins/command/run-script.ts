// Runs one script over SSH and collects its output: provider/pkg/provider/remote/commandOutputs.go in
// pulumi/pulumi-command.
import type { ClientChannel } from "ssh2";
import type { RowLog } from "../engine-log.ts";
import { dial } from "./dial.ts";
import type { CommandInputs } from "./inputs.ts";
import { lineSplitter } from "./line-splitter.ts";
import { acceptedEnvironment, type CommandOutput } from "./remote-environment.ts";
import { describeEnd, execute, sessionEnd } from "./ssh-exec.ts";

/** Runs `script` where `inputs` say; throws when the machine cannot be reached or the script fails. */
export async function runScript(
  script: string,
  inputs: CommandInputs,
  previous: CommandOutput,
  log: RowLog,
  cancelled: AbortSignal,
): Promise<CommandOutput> {
  const connection = await dial(inputs.connection, { status: log.status, cancelled });
  try {
    const env = await acceptedEnvironment(connection.client, inputs, previous, log);
    const channel = await execute(connection.client, script, { env });
    return await collectOutput(channel, script, inputs, log);
  } finally {
    connection.close();
    await log.flush();
  }
}

async function collectOutput(
  channel: ClientChannel,
  script: string,
  { stdin = "", logging = "stdoutAndStderr" }: CommandInputs,
  log: RowLog,
): Promise<CommandOutput> {
  const output = { stdout: "", stderr: "", both: "" };
  const live = lineSplitter(log.status);
  const listen = (stream: "stdout" | "stderr") => (text: string) => {
    output[stream] += text;
    output.both += text;
    if (logging === "stdoutAndStderr" || logging === stream) live.push(text);
  };
  channel.setEncoding("utf8").on("data", listen("stdout"));
  channel.stderr.setEncoding("utf8").on("data", listen("stderr"));
  channel.end(stdin);
  const end = await sessionEnd(channel);
  live.end();
  if (end.code !== 0) {
    throw new Error(`${describeEnd(end)}: running ${JSON.stringify(script)}:\n${output.both}`);
  }
  return { stdout: withoutLineEnd(output.stdout), stderr: withoutLineEnd(output.stderr) };
}

function withoutLineEnd(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}
