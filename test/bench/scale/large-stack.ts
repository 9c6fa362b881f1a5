// A stack of ours with many nodes: two real hosts that have joined, and as many invented ones as are asked for, which are
// in the state and have their Nodes.
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type CoreV1Api, PatchStrategy, setHeaderOptions, type V1Node } from "@kubernetes/client-node";
import { type EngineHost, startHost } from "../../engine/site/host.ts";
import { succeeds } from "../../engine/site/run.ts";
import type { Site } from "../../engine/site/site.ts";
import { EngineStack } from "../../engine/site/stack.ts";
import { projectRoot } from "../../support/pulumi-cli.ts";
import { forEachBounded } from "../in-parallel.ts";
import { type ExportedState, growState, type InventedHost, inventHosts, template } from "./grow.ts";
import type { CliRun } from "./process-tree.ts";

const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

/** Such a stack. */
export class LargeStack {
  readonly invented: readonly InventedHost[];
  readonly #site: Site;
  readonly #stack: EngineStack;
  readonly #hosts: readonly EngineHost[];

  private constructor(
    site: Site,
    stack: EngineStack,
    hosts: readonly EngineHost[],
    invented: readonly InventedHost[],
  ) {
    this.#site = site;
    this.#stack = stack;
    this.#hosts = hosts;
    this.invented = invented;
  }

  /** Creates one with `nodes` nodes in all; a third real host stands by. */
  static async create(site: Site, nodes: number): Promise<LargeStack> {
    const stack = await EngineStack.create(site, `scale-${nodes}`);
    const hosts = await Promise.all(["w1", "w2", "w3"].map((name) => startHost(name, site)));
    const large = new LargeStack(site, stack, hosts, inventHosts(nodes - 2));
    try {
      await large.#grow();
      return large;
    } catch (error) {
      // Hosts that run on would keep this process from its end.
      await large.remove();
      throw error;
    }
  }

  async #grow(): Promise<void> {
    this.#writeKnownHosts();
    this.declare({ invented: 0 });
    await succeeds(this.#stack.up());
    await this.#addNodes();
    const grown = growState(
      JSON.parse(await this.#stack.ask(["stack", "export", "--show-secrets"])) as ExportedState,
      this.invented,
    );
    await this.#stack.ask(["stack", "import"], JSON.stringify(grown));
    this.declare();
  }

  /** Declares the real hosts that have joined and the invented ones, and further real ones. */
  declare({ invented = this.invented.length, more = 0 } = {}): void {
    const real = this.#hosts.slice(0, 2 + more).map((host) => host.declare());
    const hosts = this.invented.slice(0, invented).map(({ name, address }) => ({ name, address }));
    // In the config, some thousands of them would be too much for the environment variable that it travels in.
    const hostsFile = `bench-results/hosts-${this.#stack.name}.json`;
    mkdirSync(dirname(join(projectRoot, hostsFile)), { recursive: true });
    writeFileSync(
      join(projectRoot, hostsFile),
      JSON.stringify([...real.slice(0, 2), ...hosts, ...real.slice(2)]),
    );
    const pool = { name: "workers", limits: { maxRemovals: "100%" }, hostsFile };
    this.#stack.declare([pool], { ssh: { knownHostsFile: this.#knownHosts } });
  }

  /** As docs/scale.md has it: without a state of each step, which a preview keeps nowhere. */
  preview(): CliRun {
    const run = this.#run("preview");
    return { ...run, env: { ...run.env, PULUMI_SKIP_CHECKPOINTS: "true" } };
  }

  up(): CliRun {
    return this.#run("up", "--yes", "--skip-preview");
  }

  /** Counts the SSH logins on the real hosts; the invented ones answer nobody. */
  logins(): number {
    return this.#hosts.reduce((sum, host) => sum + host.logins(), 0);
  }

  /** Returns the size of its state file. */
  stateBytes(): number {
    return statSync(this.#stack.stateFile).size;
  }

  /** Ends the hosts. */
  async remove(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.remove()));
  }

  get #knownHosts(): string {
    return join(this.#site.folder, `known_hosts-${this.#stack.name}`);
  }

  /** A large stack keeps its hosts' keys in a file. */
  #writeKnownHosts(): void {
    const declared = this.#hosts.map((host) => host.declare() as { name: string; hostKey: string });
    const hostKey = declared.find(({ name }) => name === template)?.hostKey;
    writeFileSync(this.#knownHosts, this.invented.map(({ address }) => `${address} ${hostKey}\n`).join(""));
  }

  #run(command: string, ...options: readonly string[]): CliRun {
    return { ...this.#stack.commandLine(command, ...options), timeoutSeconds: 1800 };
  }

  async #addNodes(): Promise<void> {
    const { core } = this.#site;
    const like = await core.readNode({ name: template });
    await forEachBounded(this.invented, (host) => addNode(core, like, host));
  }
}

/** Adds a Node that differs from another in name, machine and address only. */
async function addNode(core: CoreV1Api, like: V1Node, { name, machineId, address }: InventedHost) {
  const { labels, annotations } = like.metadata ?? {};
  const nodeInfo = like.status?.nodeInfo && { ...like.status.nodeInfo, machineID: machineId };
  const metadata = {
    name,
    labels: { ...labels, "kubernetes.io/hostname": name },
    ...(annotations && { annotations }),
  };
  const addresses = [{ type: "InternalIP", address }];
  const status = { ...like.status, ...(nodeInfo && { nodeInfo }), addresses };
  await core.createNode({ body: { metadata, spec: {}, status } });
  // What the API server adds to a new Node is lifted by a controller, which this server does not have.
  await core.patchNode({ name, body: { spec: { taints: null } } }, mergePatch);
}
