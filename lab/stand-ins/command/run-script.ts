// Runs one script over SSH and collects its output: provider/pkg/provider/remote/commandOutputs.go in
// pulumi/pulumi-command.
import { once } from "node:events";
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
    return await collectOutput(channel, script, inputs, log, cancelled);
  } finally {
    connection.close();
    await log.flush();
  }
}

/** Bytes of a line after which the original's bufio.Scanner reads no more: the session waits then for somebody who does. */
const longestLine = 64 * 1024;

async function collectOutput(
  channel: ClientChannel,
  script: string,
  { stdin = "", logging = "stdoutAndStderr" }: CommandInputs,
  log: RowLog,
  cancelled: AbortSignal,
): Promise<CommandOutput> {
  const output = { stdout: "", stderr: "", both: "" };
  let isStuck = false;
  const live = lineSplitter((line) => {
    isStuck ||= Buffer.byteLength(line) >= longestLine;
    if (!isStuck) log.status(line);
  });
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
  if (isStuck) await once(cancelled, "abort");
  if (end.code !== 0) {
    throw new Error(`${describeEnd(end)}: running ${JSON.stringify(script)}:\n${output.both}`);
  }
  return { stdout: withoutLineEnd(output.stdout), stderr: withoutLineEnd(output.stderr) };
}

function withoutLineEnd(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}
