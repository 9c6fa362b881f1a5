// The one error type of SSH work, with the kinds that callers branch on.
import type { HostAddress } from "../model/host.ts";

/**
 * Says where SSH work failed: on the bastion, reaching the host, agreeing on algorithms, proving identities, running any
 * program, becoming root, or in the script itself. "dropped" is a server that hung up before it proved itself.
 */
export type SshErrorKind =
  | "bastion"
  | "unreachable"
  | "dropped"
  | "algorithms"
  | "host-key"
  | "authentication"
  | "login"
  | "sudo"
  | "script"
  | "timeout"
  | "disconnected";

/** Reports failed work over SSH; never holds stdin or credentials. */
export class SshError extends Error {
  override readonly name = "SshError";
  readonly kind: SshErrorKind;
  /** Exit status of the script, when it ran to its end (kind "script"). */
  readonly exitCode: number | undefined;

  constructor(kind: SshErrorKind, message: string, options: { cause?: unknown; exitCode?: number } = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.kind = kind;
    this.exitCode = options.exitCode;
  }
}

/** Names a host in messages as `user@address:port`. */
export function describeHost(host: HostAddress): string {
  const address = host.address.includes(":") ? `[${host.address}]` : host.address;
  return `${host.user}@${address}:${host.port}`;
}
