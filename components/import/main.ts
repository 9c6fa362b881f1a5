// `nodepools import`: reads a cluster or an inventory, asks hosts for their keys, writes the config.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { connectKube } from "../kube/connect.ts";
import { loginDefaults } from "../model/defaults.ts";
import { showControls } from "../model/foreign-text.ts";
import { configBytes, sizeFault } from "../settings/config-size.ts";
import { parseSettings } from "../settings/parse-settings.ts";
import { problemLines } from "../settings/problem-text.ts";
import { findWorkers } from "./cluster-nodes.ts";
import { type ImportRequest, importUsage, parseImport } from "./command-line.ts";
import type { Found, FoundNode } from "./found-node.ts";
import { keyLines, type ScannedKey, scanHostKeys } from "./host-keys.ts";
import { ImportError } from "./import-error.ts";
import { findInventoryWorkers } from "./kubespray.ts";
import { type ImportedPool, makePools } from "./pools.ts";
import { readAnsibleInventory } from "./read-ansible.ts";
import { declare, hostsFileOf, hostsText, type ImportedConfig, type Login, stackText } from "./stack-text.ts";

const nothingMade = 23;
const notConfirmed = 24;
const somethingLeft = 25;

/** Runs the command with the arguments after `import` and returns its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const request = parseImport(argv);
    if (request !== "help") return await run(request);
    console.log(importUsage);
    return 0;
  } catch (error) {
    console.error(`error: ${showControls((error as Error).message)}`);
    return nothingMade;
  }
}

async function run(request: ImportRequest): Promise<number> {
  refuseExisting(request, request.out === undefined ? [] : [request.out]);
  const { nodes, notes } = await findNodes(request);
  if (nodes.length === 0) throw new ImportError(`no worker node was found. ${notes.join("; ")}`);
  const login = loginOf(request, nodes);
  const known = request.knownHosts === undefined ? "" : readText(request, request.knownHosts);
  const scanned = await scanHostKeys(nodes, known, login.port);
  if (!(await confirm(request, scanned))) return notConfirmed;
  const keys = new Map(scanned.map(({ node, key }) => [node.name, key]));
  const pools = makePools(nodes.map((node) => beside(node, login))).map((pool) => withKeys(pool, keys));
  const config = declare(request, login, pools);
  const faults = scanned.flatMap(({ node, fault }) =>
    fault ? [`${node.name} showed no host key: ${fault}`] : [],
  );
  const left = [...faults, ...remaining(request, config, known)];
  write(request, config, [...notes, ...left]);
  for (const note of [...notes, ...left]) console.error(showControls(note));
  for (const { name, hosts } of pools) console.error(`pool ${name}: ${hosts.length} hosts`);
  return left.length > 0 ? somethingLeft : 0;
}

async function findNodes(request: ImportRequest): Promise<Found> {
  const { kubeconfig, context, inventory } = request;
  if (inventory === undefined) {
    const api = connectKube({
      kubeconfig: placeOf(request, kubeconfig),
      ...(context !== undefined && { context }),
    });
    return findWorkers(await api.listNodes(), request);
  }
  const found = findInventoryWorkers(readAnsibleInventory(inventory, readText(request, inventory)));
  const beside = ["group_vars", "host_vars"].filter((name) =>
    existsSync(join(dirname(placeOf(request, inventory)), name)),
  );
  const resolve = `ansible-inventory -i ${inventory} --list --yaml`;
  const notes = beside.map((name) => `${name}/ beside the inventory is not read; \`${resolve}\` resolves it`);
  return { nodes: found.nodes, notes: [...found.notes, ...notes] };
}

/** Paths of the config are relative to the project's folder; `~/` is the user's home. */
function placeOf({ folder }: ImportRequest, path: string): string {
  return resolve(folder, path.replace(/^~(?=\/)/, homedir()));
}

function readText(request: ImportRequest, file: string): string {
  try {
    return readFileSync(placeOf(request, file), "utf8");
  } catch (error) {
    throw new ImportError(`"${file}" cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
}

/** What all hosts have in common is said once. */
function loginOf(request: ImportRequest, nodes: readonly FoundNode[]): Login {
  const common = <Value>(values: readonly Value[]) => (new Set(values).size === 1 ? values[0] : undefined);
  return {
    user: request.user ?? common(nodes.map(({ user }) => user)) ?? loginDefaults.user,
    port: request.port ?? common(nodes.map(({ port }) => port)) ?? loginDefaults.port,
    privateKeyFile: request.privateKeyFile ?? common(nodes.map((node) => node.privateKeyFile)),
  };
}

/** Leaves out what a host has from its stack. */
function beside({ user, port, ...node }: FoundNode, login: Login): FoundNode {
  return {
    ...node,
    ...(user !== undefined && user !== login.user && { user }),
    ...(port !== undefined && port !== login.port && { port }),
  };
}

function withKeys(pool: ImportedPool, keys: ReadonlyMap<string, string | undefined>): ImportedPool {
  const hosts = pool.hosts.map((host) => {
    const hostKey = keys.get(host.name);
    return hostKey === undefined ? host : { ...host, hostKey };
  });
  return { ...pool, hosts };
}

/** Shows the keys, and asks whoever sits there; nobody does in a pipeline. */
async function confirm({ acceptHostKeys }: ImportRequest, scanned: readonly ScannedKey[]): Promise<boolean> {
  const lines = keyLines(scanned);
  if (lines.length === 0) return true;
  console.error("Host keys as the hosts show them:");
  for (const line of lines) console.error(line);
  if (acceptHostKeys) return true;
  console.error("Compare them with `ssh-keygen -lf /etc/ssh/ssh_host_<type>_key.pub` on the machines.");
  if (process.stdin.isTTY && (await ask(`Write ${lines.length} keys into the config? [y/N] `))) return true;
  console.error("not confirmed: nothing is written. --accept-host-keys takes the keys without asking.");
  return false;
}

async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}

/** Lists what the program would refuse in the config. */
function remaining(
  { knownHosts: path }: ImportRequest,
  { cluster, ssh, pools }: ImportedConfig,
  knownHosts: string,
): string[] {
  // Of the files that the config names only known_hosts says something about hosts.
  const readFile = (file: string) => (file === path ? { text: knownHosts } : {});
  const around = { readFile, listFolder: () => ({}), agentSocket: "elsewhere", hasStandIns: true };
  const raw = { cluster, ssh, pools };
  return problemLines(parseSettings(raw, around).problems ?? [], raw);
}

function write(request: ImportRequest, config: ImportedConfig, notes: readonly string[]): void {
  const { out, hostsFolder } = request;
  const files = hostsFolder === undefined ? [] : config.pools;
  const named = files.map((pool) => ({ file: hostsFileOf(hostsFolder ?? "", pool), text: hostsText(pool) }));
  refuseExisting(
    request,
    named.map(({ file }) => file),
  );
  const fault = hostsFolder === undefined ? sizeFault(configBytes(withPrefix(config))) : undefined;
  if (fault !== undefined) throw new ImportError(`${fault} --hosts-folder writes such files.`);
  const former = out !== undefined && existsSync(placeOf(request, out)) ? readText(request, out) : "";
  const text = stackText(config, request, notes, former);
  for (const { file, text } of named) {
    mkdirSync(dirname(placeOf(request, file)), { recursive: true });
    writeFileSync(placeOf(request, file), text);
  }
  if (out === undefined) process.stdout.write(text);
  else writeFileSync(placeOf(request, out), text);
}

function withPrefix(config: ImportedConfig): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [`nodepools:${key}`, value]));
}

function refuseExisting(request: ImportRequest, files: readonly string[]): void {
  const existing = files.filter((file) => existsSync(placeOf(request, file)));
  if (request.overwrite || existing.length === 0) return;
  throw new ImportError(
    `${existing.map((file) => JSON.stringify(file)).join(", ")} is there already. Name another file, or give --overwrite.`,
  );
}
