// Bootstrap tokens: short-lived credentials with which one host joins. Pure apart from the random source.
import { randomInt } from "node:crypto";

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

/** Makes a new token; `random` returns an integer from 0 up to, not including, its argument. */
export function newBootstrapToken(random: (limit: number) => number = randomInt): BootstrapToken {
  const text = (length: number): string =>
    Array.from({ length }, () => alphabet.charAt(random(alphabet.length))).join("");
  const tokenId = text(6);
  const tokenSecret = text(16);
  return { tokenId, tokenSecret, token: `${tokenId}.${tokenSecret}` };
}

/** Returns when a token made now expires, as RFC 3339 in UTC with whole seconds. */
export function tokenExpiration(now: Date, ttlMinutes = 15): string {
  return new Date(now.getTime() + ttlMinutes * 60_000).toISOString().replace(/\.\d{3}Z$/, "Z");
}
