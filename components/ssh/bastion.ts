// The one connection to a bastion that all sessions of this process share; opened when first needed, and again when
// it dropped.
import type { Client, ClientChannel } from "ssh2";
import { actAfter, systemClock } from "../model/clock.ts";
import { oneLine } from "../model/foreign-text.ts";
import type { HostAddress } from "../model/host.ts";
import type { Bastion } from "./credentials.ts";
import { dialPatiently } from "./dial-patiently.ts";
import { describeHost, SshError } from "./ssh-error.ts";
import { bastionTarget, carriedTarget, type Target } from "./target.ts";

const standing = new Map<string, Promise<Client>>();

/** Returns a host as seen through its bastion. */
export function throughBastion(bastion: Bastion, host: HostAddress): Target {
  return carriedTarget(host, bastion.server, async (timeoutSeconds) => {
    const client = await sharedConnection(bastion, timeoutSeconds);
    return forward(client, bastion, host, timeoutSeconds);
  });
}

/** Returns the standing connection, or opens it; a failure is the answer to all who wait for the same try. */
function sharedConnection(bastion: Bastion, timeoutSeconds: number): Promise<Client> {
  const key = JSON.stringify(bastion);
  const known = standing.get(key);
  if (known !== undefined) return known;
  const opening = open(bastion, timeoutSeconds, () => standing.delete(key));
  standing.set(key, opening);
  return opening;
}

async function open(bastion: Bastion, timeoutSeconds: number, forget: () => void): Promise<Client> {
  try {
    const client = await dialPatiently(bastionTarget(bastion.server), bastion.secrets, timeoutSeconds);
    // Errors after login reach what the connection carries through its "close"; unheard they would end the process.
    client.on("error", () => undefined);
    client.once("close", forget);
    return client;
  } catch (cause) {
    forget();
    // Whatever it is, it says nothing about the host behind.
    throw new SshError("bastion", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function forward(
  client: Client,
  bastion: Bastion,
  host: HostAddress,
  timeoutSeconds: number,
): Promise<ClientChannel> {
  const where = `connecting to host "${describeHost(host)}" through bastion "${describeHost(bastion.server)}"`;
  return new Promise((resolve, reject) => {
    let isLate = false;
    const callOff = actAfter(systemClock, timeoutSeconds, () => {
      isLate = true;
      reject(unreachable(where, `no answer within ${timeoutSeconds} s`));
    });
    const answer = (error: Error | undefined, channel?: ClientChannel): void => {
      callOff();
      if (isLate) channel?.close();
      if (channel !== undefined) resolve(channel);
      else reject(explain(where, error));
    };
    try {
      client.forwardOut("127.0.0.1", 0, host.address, host.port, answer);
    } catch (error) {
      // ssh2 throws "Not connected" when the connection ended before the call.
      answer(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

/** Reasons of a refused channel (RFC 4254, section 5.1). */
const prohibited = 1;
const connectFailed = 2;

function explain(where: string, cause: (Error & { reason?: unknown }) | undefined): SshError {
  const text = oneLine(cause?.message ?? "no channel was opened");
  if (cause?.reason === connectFailed) return unreachable(where, text, cause);
  if (cause?.reason === prohibited) {
    return new SshError(
      "bastion",
      `${where}: the bastion refused to forward the connection: ${text}. Allow it in the bastion's sshd_config (AllowTcpForwarding, PermitOpen).`,
      { cause },
    );
  }
  return new SshError("dropped", `${where}: the connection to the bastion was lost: ${text}. Run again.`, {
    cause,
  });
}

function unreachable(where: string, text: string, cause?: Error): SshError {
  return new SshError(
    "unreachable",
    `${where}: ${text}. Check that the host is on, that address and port are right, and that the bastion can reach it.`,
    { cause },
  );
}
