// A declared machine of a pool, and which machines are its members. Pure.
import type { Taint } from "./taint.ts";

/** Lists what a host may be declared to be; the first is the default. */
export const hostStates = ["active", "cordoned", "maintenance", "spare", "lost"] as const;

/** Names what a host is declared to be. */
export type HostState = (typeof hostStates)[number];

/** Tells where a host's SSH server is and how it proves itself. */
export interface HostAddress {
  /** IP address or DNS name. */
  readonly address: string;
  /** TCP port of sshd. */
  readonly port: number;
  /** Login user; any other than root needs passwordless sudo. */
  readonly user: string;
  /** Public host key as `type base64`, without a host name. */
  readonly hostKey: string;
}

/** Holds the metadata that the program owns on a Node: the keys named here and no others. */
export interface NodeMetadata {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
}

/** Tells whether a host in this state may be a member; a spare or a lost machine never is. */
export function isEligible(state: HostState): boolean {
  switch (state) {
    case "active":
    case "cordoned":
    case "maintenance":
      return true;
    case "spare":
    case "lost":
      return false;
  }
}

/** Selects the first `count` eligible hosts in list order; all eligible hosts when `count` is undefined. */
export function selectMembers<Host extends { readonly state: HostState }>(
  hosts: readonly Host[],
  count: number | undefined,
): Host[] {
  return hosts.filter((host) => isEligible(host.state)).slice(0, count);
}
