// An address that no resolver knows: often an alias of ~/.ssh/config, which ssh reads and this program does not.
import dns from "node:dns/promises";
import { isIP } from "node:net";
import { type Clock, systemClock } from "../model/clock.ts";
import { durations } from "../model/durations.ts";

const unknown = ["ENOTFOUND", "ENODATA"];

const codeOf = (cause: unknown) =>
  cause instanceof Error ? String((cause as NodeJS.ErrnoException).code) : "";

/** Tells whether a dial failed because no resolver knows the name, or none answers. */
export function isUnresolved(cause: unknown): boolean {
  return [...unknown, "EAI_AGAIN"].includes(codeOf(cause));
}

/** Says what is wrong with a name, and where the right address stands if it is an alias. */
export function unknownNameText(address: string): string {
  return `the name "${address}" does not resolve here. If it is an alias of ~/.ssh/config, which is not read: declare what \`ssh -G ${address}\` prints as hostname, user and port`;
}

/** Asks the resolver for a name; "silent" when it does not answer in time, which says nothing of the name. */
export async function resolveName(
  address: string,
  clock: Clock = systemClock,
): Promise<"known" | "unknown" | "silent"> {
  if (isIP(address) !== 0) return "known";
  const stop = new AbortController();
  const late = clock.sleep(durations.ssh.resolve, stop.signal).then(
    () => "silent" as const,
    () => "silent" as const,
  );
  const found = dns.lookup(address).then(
    () => "known" as const,
    (cause: unknown) => (unknown.includes(codeOf(cause)) ? "unknown" : "silent"),
  );
  const answer = await Promise.race([found, late]);
  stop.abort();
  return answer;
}
