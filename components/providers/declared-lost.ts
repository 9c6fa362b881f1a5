// Which hosts are declared lost in this very operation: their machines are not contacted.
import { configuredLostHosts } from "./connections.ts";

let lostByRoster: ReadonlySet<string> | undefined;

/** Remembers what the roster declares; Pulumi asks for its diff before it deletes any member that left. */
export function rememberLost(hosts: readonly { readonly node: string }[]): void {
  lostByRoster = new Set(hosts.map(({ node }) => node));
}

/** Tells whether a host is declared lost: by the roster, else, as on `destroy`, by the stack config. */
export function isDeclaredLost(node: string): boolean {
  return (lostByRoster ?? configuredLostHosts()).has(node);
}
