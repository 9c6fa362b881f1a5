// The whole stack config, from raw values to settings or to everything that is wrong with them. Pure.

import { loginDefaults } from "../model/defaults.ts";
import type { Environment } from "./environment.ts";
import { checkHookFiles } from "./hook-schema.ts";
import { type Inventory, type InventoryReader, loadInventory } from "./inventory.ts";
import { type KnownHosts, readKnownHosts } from "./known-host-keys.ts";
import { checkOfflineFolders } from "./offline-folder.ts";
import { type ClusterSettings, parseCluster } from "./parse-cluster.ts";
import { parseSsh, type SshSettings } from "./parse-ssh.ts";
import { type HostFallbacks, type Pool, parsePools } from "./pool.ts";
import { formatPath, formatPlace, type Parsed, type Problem } from "./problem.ts";
import { isMap } from "./raw-config.ts";
import { describeUnknownKey, sortProblems } from "./validate.ts";

/** Holds the values of the config keys as the engine hands them over. */
export interface RawSettings {
  readonly cluster: unknown;
  readonly ssh: unknown;
  /** The pools as they are declared, with the hosts out of files (`withInventory`). */
  readonly pools: unknown;
  /** Path of the file that the pools stand in. */
  readonly poolsFile?: unknown;
  /** What was read out of files; absent when none was looked for. */
  readonly inventory?: Pick<Inventory, "problems" | "sourceOf">;
  /** Whether something in `pools` is a secret. */
  readonly hasSecretInPools?: boolean;
  /** All keys of the stack's config with their namespaces, such as `nodepools:pools`. */
  readonly keys?: readonly string[];
}

/** Holds everything that a stack declares, with every default filled in. */
export interface Settings {
  readonly cluster: ClusterSettings;
  readonly ssh: SshSettings;
  readonly pools: readonly Pool[];
}

const namespace = "nodepools:";

// Names, addresses, labels and limits of nodes go into the state, into Node objects and into messages.
const secretInPools: Problem = {
  path: ["pools"],
  text: "a value in it is encrypted, but everything in pools is stored and shown in plain text. Look for `secure:` under nodepools:pools in Pulumi.<stack>.yaml and set that value without --secret; if it really is a secret, it does not belong here.",
};

/** Puts what stands in files where the config would have it. */
export function withInventory(raw: RawSettings, read: InventoryReader): RawSettings {
  const inventory = loadInventory(raw, read);
  return { ...raw, pools: inventory.pools, inventory };
}

/** Parses the stack config; reports all problems of all keys in the order of the file. */
export function parseSettings(raw: RawSettings, environment: Environment): Parsed<Settings> {
  const cluster = parseCluster(raw.cluster, environment);
  const ssh = parseSsh(raw.ssh, environment);
  const knownHosts = readKnownHosts(raw.ssh, environment);
  const pools = parsePools(raw.pools, hostFallbacks(raw.ssh, knownHosts));
  const secret = raw.hasSecretInPools ? [secretInPools] : [];
  const others = [
    ...findStrayKeys(raw),
    ...secret,
    ...(raw.inventory?.problems ?? []),
    ...knownHosts.problems,
    ...checkOfflineFolders(raw.pools, environment),
    ...checkHookFiles(raw.pools, environment),
  ];
  if (cluster.problems || ssh.problems || pools.problems || others.length > 0) {
    const all = [...[cluster, ssh, pools].flatMap(({ problems }) => problems ?? []), ...others];
    return { problems: sortProblems(all.filter(isFirst)).map((problem) => located(problem, raw)) };
  }
  return { value: { cluster: cluster.value, ssh: ssh.value, pools: pools.value } };
}

/** Says of places in files where they are. */
function located({ other, ...problem }: Problem, { inventory }: RawSettings): Problem {
  const [source, otherSource] = [problem.path, other].map((path) => path && inventory?.sourceOf(path));
  const text =
    other && otherSource
      ? problem.text.replace(formatPath(other), formatPlace({ path: other, source: otherSource }))
      : problem.text;
  return { ...problem, text, ...(source && { source }) };
}

/** Finds keys that nobody reads: others of our namespace, and ours in another one, which the CLI adds by itself. */
function findStrayKeys({ keys = [], ...raw }: RawSettings): Problem[] {
  const read = ["cluster", "ssh", "pools", "poolsFile"] as const;
  const ours = keys.flatMap((key) => (key.startsWith(namespace) ? [key.slice(namespace.length)] : []));
  const stray = ours.filter((key) => !read.some((known) => known === key));
  const hasPools = raw.pools !== undefined || raw.poolsFile !== undefined;
  const missing = read.filter((key) => raw[key] === undefined && !(hasPools && key.startsWith("pools")));
  const elsewhere = keys.filter((key) => missing.some((name) => key.endsWith(`:${name}`)));
  return [
    ...stray.map((key) => ({ path: [key], text: describeUnknownKey(key, []) })),
    ...elsewhere.map((key) => {
      const name = key.slice(key.indexOf(":") + 1);
      return { path: [name], text: `${key} is not read. Rename it to ${namespace}${name}.` };
    }),
  ];
}

/** Hosts and the bastion may miss the same known_hosts file. */
function isFirst({ path, text }: Problem, at: number, all: readonly Problem[]): boolean {
  return all.findIndex((one) => one.text === text && formatPath(one.path) === formatPath(path)) === at;
}

/** Takes what hosts need of `ssh` from raw config, so that their problems show beside those of `ssh` itself. */
function hostFallbacks(rawSsh: unknown, { find, remedy }: KnownHosts): HostFallbacks {
  const ssh = isMap(rawSsh) ? rawSsh : {};
  return {
    user: typeof ssh.user === "string" ? ssh.user : loginDefaults.user,
    port: typeof ssh.port === "number" ? ssh.port : loginDefaults.port,
    findHostKey: find,
    hostKeyRemedy: remedy,
  };
}
