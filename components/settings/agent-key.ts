// Which key of an agent is meant: by its fingerprint, its public half, or the file of that. Pure.
import { hostKeyBytes, hostKeyType, keyFingerprint } from "../ssh/host-key.ts";
import { checkFile, type Environment } from "./environment.ts";
import type { Parsed, Path, Problem } from "./problem.ts";
import { show } from "./problem.ts";

const fingerprint = /^SHA256:[A-Za-z0-9+/]{43}$/;
const publicKey = /^(ssh|ecdsa|sk)-\S+ AAAA/;

/** Returns the fingerprint of the key that is given at `path`; undefined when another machine has the file. */
export function readAgentKey(
  given: string,
  path: Path,
  environment: Environment,
): Parsed<string | undefined> {
  const refuse = (text: string): { problems: Problem[] } => ({ problems: [{ path, text }] });
  if (fingerprint.test(given)) return { value: given };
  if (publicKey.test(given)) return fingerprintOf(given, refuse);
  if (/^(MD5:)?([0-9a-f]{2}:){15}[0-9a-f]{2}$/i.test(given))
    return refuse("a fingerprint by MD5. Give the one by SHA256, as `ssh-add -l -E sha256` shows it.");
  if (given.startsWith("SHA256:"))
    return refuse(`${show(given)} is not a whole fingerprint. Give it as \`ssh-add -l\` shows it.`);
  const file = environment.readFile(given);
  if (file.fault !== undefined) return { problems: checkFile(path, given, file) };
  if (file.text === undefined) return { value: undefined };
  if (publicKey.test(file.text)) return fingerprintOf(file.text, refuse);
  return refuse(`${show(given)} has no public key. Give the .pub file of the key.`);
}

function fingerprintOf(key: string, refuse: (text: string) => { problems: Problem[] }): Parsed<string> {
  const bytes = hostKeyBytes(key);
  const type = hostKeyType(key);
  // A key's bytes begin with its type (RFC 4253, section 6.6).
  const isWhole = bytes.length > 4 + type.length && bytes.toString("latin1", 4, 4 + type.length) === type;
  if (!isWhole) return refuse("not a whole public key. Copy it again: `ssh-add -L` prints it.");
  return { value: keyFingerprint(bytes) };
}
