// The agent that SSH_AUTH_SOCK names: @pulumi/command 1.2.1 asks it beside whatever credential it is given, and fails
// before it dials where nobody answers, as after a terminal was attached again or under `sudo -E`.
import { connect } from "node:net";
import { oneLine } from "../model/foreign-text.ts";
import type { SshCredentials } from "./credentials.ts";

/** Says what keeps the join commands from being run with these credentials; undefined when nothing does. */
export async function agentFault(
  credentials: SshCredentials,
  socket = process.env.SSH_AUTH_SOCK,
): Promise<string | undefined> {
  const logins = [credentials, ...(credentials.bastion ? [credentials.bastion.secrets] : [])];
  if (!socket || logins.every(({ agentSocket }) => agentSocket !== undefined)) return undefined;
  const fault = await faultOf(socket);
  if (fault === undefined) return undefined;
  return `SSH_AUTH_SOCK is ${oneLine(socket)}, where no agent answers (${fault}), and Pulumi's command plugin, which runs the joins, asks it beside the declared credential: run \`unset SSH_AUTH_SOCK\`, or set it to an agent that runs, and run again`;
}

/** A local socket takes a connection or refuses it at once. */
async function faultOf(socket: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const agent = connect(socket, () => resolve(undefined));
  agent.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? oneLine(error.message)));
  return promise.finally(() => agent.destroy());
}
