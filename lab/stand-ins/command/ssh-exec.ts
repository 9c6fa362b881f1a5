// One command in one SSH session.
import { constants } from "node:os";
import type { Client, ClientChannel, ExecOptions } from "ssh2";

/** How a session ended: an exit code, the signal that ended the command, or neither when the connection broke. */
export interface SessionEnd {
  readonly code: number | null | undefined;
  readonly signal: string | undefined;
}

/** Starts `command` in a session of its own. */
export function execute(client: Client, command: string, options: ExecOptions): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, options, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

/** Waits until `channel` is closed. */
export function sessionEnd(channel: ClientChannel): Promise<SessionEnd> {
  return new Promise((resolve) => {
    channel.once("close", (code: number | null | undefined, signal: string | undefined) =>
      resolve({ code, signal }),
    );
  });
}

/** Says how a session ended in the words of golang.org/x/crypto/ssh, which the official plugin passes on. */
export function describeEnd({ code, signal }: SessionEnd): string {
  if (signal) {
    const name = signal.replace(/^SIG/, "");
    const number = Object.entries(constants.signals).find(([known]) => known === `SIG${name}`)?.[1] ?? 0;
    return `Process exited with status ${128 + number} from signal ${name}`;
  }
  if (code === undefined || code === null) {
    return "wait: remote command exited without exit status or exit signal";
  }
  return `Process exited with status ${code}`;
}
