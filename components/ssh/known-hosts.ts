// Finds a host's keys in the text of an OpenSSH known_hosts file. Pure.
import { createHmac } from "node:crypto";

interface Entry {
  readonly marker: string | undefined;
  readonly names: string;
  /** `type base64` */
  readonly key: string;
}

/**
 * Returns the keys that a known_hosts file has for an address, each as `type base64`, in file order.
 * Revoked keys and certificate authorities are left out (format: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
 */
export function findHostKeys(fileText: string, address: string, port: number): string[] {
  const name = port === 22 ? address.toLowerCase() : `[${address.toLowerCase()}]:${port}`;
  const entries = fileText
    .split("\n")
    .flatMap(readEntry)
    .filter((entry) => matches(entry.names, name));
  const revoked = entries.filter((entry) => entry.marker === "@revoked").map((entry) => entry.key);
  return entries
    .filter((entry) => entry.marker === undefined && !revoked.includes(entry.key))
    .map((entry) => entry.key);
}

function readEntry(line: string): Entry[] {
  const fields = line.trim().split(/\s+/);
  const marker = fields[0]?.startsWith("@") ? fields.shift() : undefined;
  const [names, type, key] = fields;
  if (names === undefined || names.startsWith("#") || type === undefined || key === undefined) {
    return [];
  }
  return [{ marker, names, key: `${type} ${key}` }];
}

function matches(names: string, name: string): boolean {
  if (names.startsWith("|1|")) {
    return matchesHash(names, name);
  }
  const patterns = names.toLowerCase().split(",");
  const denied = patterns.some(
    (pattern) => pattern.startsWith("!") && matchesPattern(pattern.slice(1), name),
  );
  return !denied && patterns.some((pattern) => matchesPattern(pattern, name));
}

function matchesHash(entry: string, name: string): boolean {
  const [, , salt = "", digest] = entry.split("|");
  return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === digest;
}

/** Matches `*` and `?` in time proportional to both lengths: a regular expression would try every division of a name. */
function matchesPattern(pattern: string, name: string): boolean {
  let [at, star, tried] = [0, -1, 0];
  for (let position = 0; position < name.length; ) {
    const wanted = pattern[at];
    if (wanted === "*") {
      star = at++;
      tried = position;
    } else if (wanted === "?" || wanted === name[position]) {
      at++;
      position++;
    } else if (star >= 0) {
      // The last star takes one character more.
      at = star + 1;
      position = ++tried;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}
