// Finds a host's keys in the text of an OpenSSH known_hosts file. Pure.
import { createHmac } from "node:crypto";

interface Entry {
  readonly marker: string | undefined;
  readonly names: string;
  /** `type base64` */
  readonly key: string;
  /** Which line it is. */
  readonly at: number;
}

/** Answers which keys a known_hosts file has for an address, each as `type base64`, in file order. */
type HostKeyFinder = (address: string, port: number) => string[];

/**
 * Reads the text of a known_hosts file once for all hosts. Revoked keys and certificate authorities are left out
 * (format: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
 */
export function hostKeyFinder(fileText: string): HostKeyFinder {
  const entries = fileText.split("\n").flatMap(readEntry);
  // Of a thousand hosts each has a line of its own: only names with patterns or hashes have to be compared one by one.
  const plain = new Map<string, Entry[]>();
  const others: Entry[] = [];
  for (const entry of entries) {
    if (/[*?!|]/.test(entry.names)) others.push(entry);
    else for (const name of entry.names.toLowerCase().split(",")) append(plain, name, entry);
  }
  return (address, port) => {
    const name = port === 22 ? address.toLowerCase() : `[${address.toLowerCase()}]:${port}`;
    const found = [...(plain.get(name) ?? []), ...others.filter(({ names }) => matches(names, name))];
    const revoked = found.filter((entry) => entry.marker === "@revoked").map((entry) => entry.key);
    return found
      .filter((entry) => entry.marker === undefined && !revoked.includes(entry.key))
      .sort((one, other) => one.at - other.at)
      .map((entry) => entry.key);
  };
}

function append(index: Map<string, Entry[]>, name: string, entry: Entry): void {
  const known = index.get(name);
  if (known === undefined) index.set(name, [entry]);
  // A line may have a name twice.
  else if (known.at(-1) !== entry) known.push(entry);
}

function readEntry(line: string, at: number): Entry[] {
  const fields = line.trim().split(/\s+/);
  const marker = fields[0]?.startsWith("@") ? fields.shift() : undefined;
  const [names, type, key] = fields;
  if (names === undefined || names.startsWith("#") || type === undefined || key === undefined) {
    return [];
  }
  return [{ marker, names, key: `${type} ${key}`, at }];
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
