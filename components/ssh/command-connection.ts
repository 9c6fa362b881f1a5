// The same host and credentials in the shape that @pulumi/command's remote resources take. Pure.
import type { HostAddress } from "../model/host.ts";
import type { SshCredentials } from "./credentials.ts";
import { quoteForShell } from "./quote.ts";

/** Holds the fields of @pulumi/command 1.2.1's remote ConnectionArgs that the program sets. */
export interface CommandConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: string;
  readonly privateKey?: string;
  readonly privateKeyPassword?: string;
  readonly password?: string;
  readonly agentSocketPath?: string;
  readonly dialErrorLimit: number;
  /** Seconds. */
  readonly perDialTimeout: number;
}

/** Returns the connection arguments of remote.Command for a host; three dials of 15 s, so a dead host shows within a minute. */
export function commandConnection(host: HostAddress, credentials: SshCredentials): CommandConnection {
  const { privateKey, passphrase, password, agentSocket } = credentials;
  return {
    host: host.address,
    port: host.port,
    user: host.user,
    hostKey: host.hostKey,
    ...(privateKey === undefined ? {} : { privateKey }),
    ...(passphrase === undefined ? {} : { privateKeyPassword: passphrase }),
    ...(password === undefined ? {} : { password }),
    ...(agentSocket === undefined ? {} : { agentSocketPath: agentSocket }),
    dialErrorLimit: 3,
    perDialTimeout: 15,
  };
}

/** Returns the command text that runs a script as root: the bare script for root, because Pulumi's errors quote it whole. */
export function remoteScript(script: string, user: string): string {
  return user === "root" ? script : `sudo -n sh -c ${quoteForShell(script)}`;
}
