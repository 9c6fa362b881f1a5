// The whole stack config, from raw values to settings or to everything that is wrong with them. Pure.
import { findHostKeys } from "../ssh/known-hosts.ts";
import { loginDefaults } from "./defaults.ts";
import { isMap } from "./loose.ts";
import {
  type ClusterSettings,
  checkFile,
  parseCluster,
  parseSsh,
  type SshSettings,
} from "./parse-connection.ts";
import { type HostFallbacks, type Pool, parsePools } from "./pool.ts";
import type { Parsed, Problem } from "./problem.ts";
import { hostKeyFault, hostKeyTypes } from "./ssh-syntax.ts";
import type { Surroundings } from "./surroundings.ts";
import { sortProblems } from "./validate.ts";

/** Holds the values of the three config keys as the engine hands them over. */
export interface RawSettings {
  readonly cluster: unknown;
  readonly ssh: unknown;
  readonly pools: unknown;
}

/** Holds everything that a stack declares, with every default filled in. */
export interface Settings {
  readonly cluster: ClusterSettings;
  readonly ssh: SshSettings;
  readonly pools: readonly Pool[];
}

/** Parses the stack config; reports all problems of all keys in the order of the file. */
export function parseSettings(raw: RawSettings, surroundings: Surroundings): Parsed<Settings> {
  const cluster = parseCluster(raw.cluster, surroundings);
  const ssh = parseSsh(raw.ssh, surroundings);
  const knownHosts = readKnownHosts(raw.ssh, surroundings);
  const pools = parsePools(raw.pools, hostFallbacks(raw.ssh, knownHosts));
  if (cluster.problems || ssh.problems || pools.problems || knownHosts.problems.length > 0) {
    const all = [cluster, ssh, knownHosts, pools].flatMap(({ problems }) => problems ?? []);
    return { problems: sortProblems(all) };
  }
  return { value: { cluster: cluster.value, ssh: ssh.value, pools: pools.value } };
}

interface KnownHosts {
  /** Text of the known_hosts file; empty when there is none. */
  readonly text: string;
  readonly problems: readonly Problem[];
  readonly hostKeyRemedy: string | undefined;
}

function readKnownHosts(rawSsh: unknown, surroundings: Surroundings): KnownHosts {
  const path = isMap(rawSsh) ? rawSsh.knownHostsFile : undefined;
  const remedy = (other: string) =>
    `Give hostKey as "type base64" (ssh-keyscan shows it; compare it on the machine), or ${other}.`;
  if (typeof path !== "string" || path === "") {
    return { text: "", problems: [], hostKeyRemedy: remedy("name a known_hosts file in ssh.knownHostsFile") };
  }
  const file = surroundings.readFile(path);
  // An unreadable file is one problem of ssh.knownHostsFile, not one of every host.
  const hostKeyRemedy = file.fault === undefined ? remedy(`add the host to ${path}`) : undefined;
  return { text: file.text ?? "", problems: checkFile(["ssh", "knownHostsFile"], path, file), hostKeyRemedy };
}

/** Takes what hosts need of `ssh` from raw config, so that their problems show beside those of `ssh` itself. */
function hostFallbacks(rawSsh: unknown, { text, hostKeyRemedy }: KnownHosts): HostFallbacks {
  const ssh = isMap(rawSsh) ? rawSsh : {};
  return {
    user: typeof ssh.user === "string" ? ssh.user : loginDefaults.user,
    port: typeof ssh.port === "number" ? ssh.port : loginDefaults.port,
    findHostKey: (address, port) => chooseHostKey(findHostKeys(text, address, port)),
    hostKeyRemedy,
  };
}

function chooseHostKey(keys: readonly string[]): string | undefined {
  const usable = keys.filter((key) => hostKeyFault(key) === undefined);
  return hostKeyTypes.map((type) => usable.find((key) => key.startsWith(`${type} `))).find(Boolean);
}
