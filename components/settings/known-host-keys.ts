// The known_hosts file that `nodepools:ssh` names, as the place where missing host keys are looked up. Pure.
import { hostKeyFinder } from "../ssh/known-hosts.ts";
import { checkFile, type Environment } from "./environment.ts";
import type { Problem } from "./problem.ts";
import { isMap } from "./raw-config.ts";
import { hostKeyFault, hostKeyTypes } from "./ssh-syntax.ts";

/** Answers which key a server has. */
export interface KnownHosts {
  /** Returns a server's key as `type base64`; undefined when the file has none, or there is no file. */
  readonly find: (address: string, port: number) => string | undefined;
  /** Why the file cannot be read. */
  readonly problems: readonly Problem[];
  /** Says what to do about a server without a key; undefined when the unreadable file is reported instead. */
  readonly remedy: ((address: string, port: number) => string) | undefined;
}

/** Reads the file that raw `ssh` names. */
export function readKnownHosts(rawSsh: unknown, environment: Environment): KnownHosts {
  const path = isMap(rawSsh) ? rawSsh.knownHostsFile : undefined;
  const remedy = (other: string) =>
    `Give hostKey as "type base64" (ssh-keyscan shows it; compare it on the machine), or ${other}.`;
  if (typeof path !== "string" || path === "") {
    const naming = remedy("name a known_hosts file in ssh.knownHostsFile");
    return { find: () => undefined, problems: [], remedy: () => naming };
  }
  const file = environment.readFile(path);
  const findKeys = hostKeyFinder(file.text ?? "");
  return {
    find: (address, port) => chooseHostKey(findKeys(address, port)),
    problems: checkFile(["ssh", "knownHostsFile"], path, file),
    // An unreadable file is one problem of ssh.knownHostsFile, not one of every host.
    remedy:
      file.text === undefined
        ? undefined
        : (address, port) => {
            const [unusable] = findKeys(address, port).flatMap((key) => hostKeyFault(key) ?? []);
            return unusable === undefined
              ? remedy(`add the host to ${path}`)
              : `What ${path} has of it is of no use: ${unusable}`;
          },
  };
}

function chooseHostKey(keys: readonly string[]): string | undefined {
  const usable = keys.filter((key) => hostKeyFault(key) === undefined);
  return hostKeyTypes.map((type) => usable.find((key) => key.startsWith(`${type} `))).find(Boolean);
}
