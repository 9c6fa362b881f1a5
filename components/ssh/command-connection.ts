// The same host and credentials in the shape that @pulumi/command's remote resources take. Pure.
import type { HostAddress } from "../model/host.ts";
import type { LoginSecrets, SshCredentials } from "./credentials.ts";

/** Holds the fields of one server in @pulumi/command 1.2.1's remote ConnectionArgs that the program sets. */
export interface CommandEndpoint {
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

/** Holds the same for a host, with the bastion in front of it if there is one. */
export interface CommandConnection extends CommandEndpoint {
  readonly proxy?: CommandEndpoint;
}

// Nine dials within 5 s get past an sshd that drops logins (MaxStartups); a dead machine, which is rare right after
// its enrollment, shows after two and a half minutes.
const limits = { dialErrorLimit: 8, perDialTimeout: 15 };

/** Returns the connection arguments of remote.Command for a host. */
export function commandConnection(host: HostAddress, credentials: SshCredentials): CommandConnection {
  const { bastion, ...secrets } = credentials;
  return {
    ...endpoint(host, secrets),
    ...(bastion !== undefined && { proxy: endpoint(bastion.server, bastion.secrets) }),
  };
}

function endpoint(server: HostAddress, secrets: LoginSecrets): CommandEndpoint {
  const { privateKey, passphrase, password, agentSocket } = secrets;
  return {
    host: server.address,
    port: server.port,
    user: server.user,
    hostKey: server.hostKey,
    ...(privateKey !== undefined && { privateKey }),
    ...(passphrase !== undefined && { privateKeyPassword: passphrase }),
    ...(password !== undefined && { password }),
    ...(agentSocket !== undefined && { agentSocketPath: agentSocket }),
    ...limits,
  };
}
