// One SSH server to log in to: how it is reached, and how messages name it and its settings. Pure.
import type { Duplex } from "node:stream";
import type { HostAddress } from "../model/host.ts";
import { describeHost } from "./ssh-error.ts";

/** Names one SSH server and the way to it. */
export interface Target {
  readonly server: HostAddress;
  readonly role: "host" | "bastion";
  /** How messages name it, such as `host "root@10.0.0.1:22"`. */
  readonly name: string;
  /** Options that messages tell the user to check. */
  readonly options: { readonly user: string; readonly hostKey: string };
  /** Time between two keepalives; two unanswered ones end the connection. */
  readonly keepaliveSeconds: number;
  /** Opens the stream that carries the connection; absent means TCP to the server's address. */
  readonly openStream?: (timeoutSeconds: number) => Promise<Duplex>;
}

const hostOptions = { user: "ssh.user", hostKey: "hostKey" };

/** Returns a host that is reached directly; a cut network shows after about 30 s. */
export function hostTarget(server: HostAddress): Target {
  const name = `host "${describeHost(server)}"`;
  return { server, role: "host", name, options: hostOptions, keepaliveSeconds: 10 };
}

/** Returns a host whose connection a bastion carries. */
export function carriedTarget(
  server: HostAddress,
  bastion: HostAddress,
  openStream: NonNullable<Target["openStream"]>,
): Target {
  const name = `host "${describeHost(server)}" through bastion "${describeHost(bastion)}"`;
  return { ...hostTarget(server), name, openStream };
}

/**
 * Returns a bastion. A dead one shows within the 15 s that a host behind it has to answer, so that the host is not
 * blamed for it.
 */
export function bastionTarget(server: HostAddress): Target {
  const options = { user: "ssh.bastion.user", hostKey: "ssh.bastion.hostKey" };
  const name = `bastion "${describeHost(server)}"`;
  return { server, role: "bastion", name, options, keepaliveSeconds: 4 };
}
