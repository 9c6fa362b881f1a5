// Bootstrap tokens: short-lived credentials with which one host joins. Pure apart from the random source.
import { createHash, randomInt } from "node:crypto";

/** Holds one bootstrap token and its halves; the secret half and the token are credentials. */
export interface BootstrapToken {
  /** Public half, `[a-z0-9]{6}`. */
  readonly tokenId: string;
  /** Secret half, `[a-z0-9]{16}`. */
  readonly tokenSecret: string;
  /** `<tokenId>.<tokenSecret>`, as kubeadm takes it. */
  readonly token: string;
}

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

/**
 * Returns the public half for all joins of a host: one that an earlier try left is found by its name, without the right
 * to list Secrets, which shows their contents.
 */
export function tokenIdOf(owner: string, node: string): string {
  const digest = createHash("sha256").update(`${owner}\n${node}`).digest();
  const indices = Array.from({ length: 6 }, (_, at) => digest.readUInt32BE(4 * at) % alphabet.length);
  return indices.map((index) => alphabet.charAt(index)).join("");
}

/** Makes a new token; `random` returns an integer from 0 up to, not including, its argument. */
export function newBootstrapToken(
  tokenId: string,
  random: (limit: number) => number = randomInt,
): BootstrapToken {
  const draw = () => alphabet.charAt(random(alphabet.length));
  const tokenSecret = Array.from({ length: 16 }, draw).join("");
  return { tokenId, tokenSecret, token: `${tokenId}.${tokenSecret}` };
}

/** Returns when a token made now expires, as RFC 3339 in UTC with whole seconds. */
export function tokenExpiration(now: Date, ttlMinutes = 15): string {
  return new Date(now.getTime() + ttlMinutes * 60_000).toISOString().replace(/\.\d{3}Z$/, "Z");
}
