// Runs one script over SSH and collects its output: provider/pkg/provider/remote/commandOutputs.go in
// pulumi/pulumi-command.
import type { Client, ClientChannel, ExecOptions } from "ssh2";
import { dial } from "./dial.ts";
import type { RowLog } from "./engine-log.ts";
import type { CommandInputs } from "./inputs.ts";
import { lineSplitter } from "./line-splitter.ts";
import { acceptedEnvironment } from "./remote-environment.ts";

/** What a script wrote, without the last line end. */
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `script` where `inputs` say; throws when it cannot be reached or the script fails. */
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
    return await collect(channel, script, inputs, log);
  } finally {
    connection.close();
    await log.flush();
  }
}

/** Starts `script` in a session of its own. */
export function execute(client: Client, script: string, options: ExecOptions): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(script, options, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

/** How a session ended: an exit code, or the signal that ended the script. */
export interface SessionEnd {
  readonly code: number | null | undefined;
  readonly signal: string | undefined;
}

/** Waits until `channel` is closed; the end is empty when the connection broke. */
export function sessionEnd(channel: ClientChannel): Promise<SessionEnd> {
  return new Promise((resolve) => {
    channel.once("close", (code: number | null | undefined, signal: string | undefined) =>
      resolve({ code, signal }),
    );
  });
}

async function collect(
  channel: ClientChannel,
  script: string,
  { stdin, logging }: CommandInputs,
  log: RowLog,
): Promise<CommandOutput> {
  const output = { stdout: "", stderr: "", both: "" };
  const live = lineSplitter(log.status);
  const listen = (stream: "stdout" | "stderr") => (text: string) => {
    output[stream] += text;
    output.both += text;
    if ((logging ?? "stdoutAndStderr") === "stdoutAndStderr" || logging === stream) live.push(text);
  };
  channel.setEncoding("utf8").on("data", listen("stdout"));
  channel.stderr.setEncoding("utf8").on("data", listen("stderr"));
  channel.end(stdin ?? "");
  const end = await sessionEnd(channel);
  live.end();
  if (end.code !== 0) throw new Error(`${describe(end)}: running ${JSON.stringify(script)}:\n${output.both}`);
  return { stdout: withoutLineEnd(output.stdout), stderr: withoutLineEnd(output.stderr) };
}

// The wording of golang.org/x/crypto/ssh, which the official plugin passes on.
function describe({ code, signal }: SessionEnd): string {
  if (signal) return `Process exited with status ${code ?? 128} from signal ${signal}`;
  if (code === undefined || code === null)
    return "wait: remote command exited without exit status or exit signal";
  return `Process exited with status ${code}`;
}

function withoutLineEnd(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}
