// Public keys, of hosts above all: which algorithms prove one, and how people compare two. Pure.
import { createHash } from "node:crypto";
import { oneLine } from "../model/foreign-text.ts";

/** Returns the wire bytes of a key given as `type base64`. */
export function hostKeyBytes(hostKey: string): Buffer {
  return Buffer.from(hostKey.trim().split(/\s+/)[1] ?? "", "base64");
}

/** Returns the key type of a key given as `type base64`, such as `ssh-ed25519`. */
export function hostKeyType(hostKey: string): string {
  return hostKey.trim().split(/\s+/)[0] ?? "";
}

/** Writes a key's wire bytes as OpenSSH does: `type SHA256:…`. */
export function describeHostKey(key: Buffer): string {
  const typeLength = key.length >= 4 ? key.readUInt32BE(0) : 0;
  const type = oneLine(key.subarray(4, 4 + typeLength).toString("latin1"), 40);
  return `${type} ${keyFingerprint(key)}`;
}

/** Writes the fingerprint of a key's wire bytes as `ssh-add -l` does. */
export function keyFingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/**
 * Lists the signature algorithms with which a server can prove a key of this type.
 * An RSA key signs with SHA-2 only (RFC 8332): SHA-1 signatures are not accepted.
 */
export function hostKeyAlgorithms(type: string): string[] {
  return type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type];
}
