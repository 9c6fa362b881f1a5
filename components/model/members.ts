// Which hosts of a pool are its members. Pure.
import type { HostState } from "./host.ts";

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
