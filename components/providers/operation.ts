// One command of the user, such as `preview` or `up`, as this process sees it: everything that its resources share.
// Pulumi serves all resources of a command from one process; no other file of this folder keeps state.
import type * as pulumi from "@pulumi/pulumi";
import type { KubeApi, Node } from "../kube/api.ts";
import { connectKube } from "../kube/connect.ts";
import { type Clock, systemClock } from "../model/clock.ts";
import { type DeclaredRoster, followPool } from "../model/roster.ts";
import type { Verification } from "../model/verification.ts";
import { connectEngineLog } from "../pulumi-internals/engine-log.ts";
import { type ConnectionSettings, readConnectionSettings } from "../settings/connection-settings.ts";
import { type DeclaredHost, readDeclaredHosts } from "../settings/declared-hosts.ts";
import { readDeclaredRoster } from "../settings/declared-roster.ts";
import { loadInventory } from "../settings/inventory.ts";
import { readInventoryFile } from "../settings/inventory-reader.ts";
import { parseConfigValue } from "../settings/raw-config.ts";
import { readVerification } from "../settings/verify-schema.ts";
import type { SshCredentials } from "../ssh/credentials.ts";
import { Declaration } from "./declaration.ts";
import { Departures } from "./departures.ts";
import type { EnrollmentOutputs } from "./enrollment/state.ts";
import { PoolSlots } from "./pool-slots.ts";
import { type Progress, progressOf } from "./progress.ts";
import { RunRecord } from "./run-record.ts";
import { SharedAnswer } from "./shared-answer.ts";
import { ToldNodes } from "./told-nodes.ts";

type Config = Pick<pulumi.dynamic.Config, "get">;

/** What a test may replace. */
interface Parts {
  readonly clock?: Clock;
  readonly kube?: KubeApi;
}

/** Holds the settings and connections of a command, and what its resources tell each other. */
export class Operation {
  readonly clock: Clock;
  readonly declaration: Declaration;
  readonly slots: PoolSlots;
  /** Names of the hosts that were enrolled in this run, by machine id. */
  readonly enrolledMachines = new Map<string, string>();
  /** What keeps hosts that are to be rejoined from being reset, by node. */
  readonly blockedRejoins = new Map<string, unknown>();
  /** Why new logins do not lead to the machines that joined, by node, until an update has failed with it. */
  readonly refusedLogins = new Map<string, string>();
  /** Enrollments whose change has begun and has not ended well. */
  readonly unsettled = new Set<string>();
  /** Members that this run has brought to their declaration: what was to be done to their pods is done. */
  readonly updated = new Set<string>();
  /** How many logins that are changed in place were tried. */
  triedLogins = 0;
  /** Enrollments as they are in state, by node. */
  readonly enrolled = new Map<string, EnrollmentOutputs>();
  /** That a host of this stack is in another cluster than the kubeconfig's, once that was found. */
  elsewhere: string | undefined;
  /** What the engine has told of nodes before it asks about the roster, which depends on all of them. */
  readonly told: ToldNodes;
  /** URN of the roster, once the engine has asked about it: what concerns all nodes stands on its row. */
  rosterUrn: string | undefined;
  /** Whether the resolver of this machine did not answer in time. */
  isResolverSilent = false;
  /** What this command has done to nodes so far. */
  readonly record = new RunRecord();
  /** Members whose removal the engine has asked for and that are not cordoned yet. */
  readonly departures: Departures;
  readonly #config: Config;
  readonly #nodes: SharedAnswer<Node[]>;
  readonly #answers = new Map<string, SharedAnswer<unknown>>();
  readonly #said = new Set<string>();
  readonly #begun = new Map<string, Promise<void>>();
  #kube: KubeApi | undefined;
  #settings: ConnectionSettings | undefined;
  #ssh: SshCredentials | undefined;
  #verification: { readonly declared: Verification | undefined } | undefined;
  #configured: { readonly roster: DeclaredRoster | undefined } | undefined;

  constructor(config: Config, { clock = systemClock, kube }: Parts = {}) {
    this.#config = config;
    this.#kube = kube;
    this.clock = clock;
    this.declaration = new Declaration(() => this.#readPools());
    this.told = new ToldNodes(clock);
    this.slots = new PoolSlots(clock);
    this.departures = new Departures(clock);
    this.#nodes = new SharedAnswer(clock);
  }

  /** Returns the one API client of this process; throws when the stack config does not give one. */
  get kube(): KubeApi {
    this.#kube ??= connectKube(this.#readSettings().cluster);
    return this.#kube;
  }

  /** Returns the SSH credentials for the hosts: a rotated key is used at once, also for nodes joined with the old one. */
  get ssh(): SshCredentials {
    this.#ssh ??= this.#readSettings().ssh.credentials;
    return this.#ssh;
  }

  /** The same, where a preview has it: the key's file may be on another machine. */
  get sshIfKnown(): SshCredentials | undefined {
    try {
      return this.ssh;
    } catch {
      return undefined;
    }
  }

  /** Whether hosts are reached through a bastion, or cannot be for now. */
  get hasBastion(): boolean {
    const known = this.sshIfKnown;
    return known === undefined || known.bastion !== undefined;
  }

  /** Returns the checks that the stack config declares; undefined when there is none. */
  get verification(): Verification | undefined {
    this.#verification ??= { declared: readVerification(this.#config.get("nodepools:cluster")) };
    return this.#verification.declared;
  }

  /** Lists the cluster's Nodes, at most a second old, or as old as `most` seconds where there are very many. */
  async nodes(most?: number): Promise<Node[]> {
    return this.#nodes.get(() => this.kube.listNodes(), most);
  }

  /** Asks the cluster for what is the same for all hosts that ask; each subject has one question. */
  shared<Answer>(subject: string, ask: () => Promise<Answer>): Promise<Answer> {
    const known = this.#answers.get(subject) ?? new SharedAnswer<unknown>(this.clock);
    this.#answers.set(subject, known);
    return known.get(ask) as Promise<Answer>;
  }

  /** Tells the time on the cluster's clock, in seconds since 1970: marks on Nodes are compared with what it writes. */
  clusterTime(): number {
    return this.clock.now() + this.kube.clockOffset();
  }

  /** Returns the name that a pool has now, which may be another one in state and on Nodes. */
  poolNow(pool: string): string {
    const declared = this.declaration.roster ?? this.declaration.configured;
    const isDeclared = (name: string) =>
      this.told.hasPool(name) || declared?.pools.some((one) => one.name === name) === true;
    return followPool(pool, isDeclared, this.told.poolMoves());
  }

  /** Lists the members of the stack config with their addresses; none where pools are declared in code. */
  declaredHosts(): DeclaredHost[] {
    const readFile = readInventoryFile(process.cwd());
    return readDeclaredHosts((key) => this.#config.get(`nodepools:${key}`), readFile);
  }

  /** Returns the voice of the resource with this URN. */
  voice(urn: string): Progress {
    return progressOf(urn, this.clock);
  }

  /** Tells whether this is the first time: for what is said once for all hosts. */
  isFirst(subject: string): boolean {
    const isNew = !this.#said.has(subject);
    this.#said.add(subject);
    return isNew;
  }

  /** Does something that all resources of the command wait for, once. */
  once(subject: string, work: () => Promise<void>): Promise<void> {
    const begun = this.#begun.get(subject) ?? work();
    this.#begun.set(subject, begun);
    return begun;
  }

  #readSettings(): ConnectionSettings {
    const get = (key: string) => this.#config.get(`nodepools:${key}`);
    this.#settings ??= readConnectionSettings(get("cluster"), get("ssh"));
    return this.#settings;
  }

  #readPools(): DeclaredRoster | undefined {
    const read = (key: string) => parseConfigValue(this.#config.get(`nodepools:${key}`));
    const declared = () => ({ pools: read("pools"), poolsFile: read("poolsFile") });
    const readFile = readInventoryFile(process.cwd());
    this.#configured ??= { roster: readDeclaredRoster(loadInventory(declared(), readFile)) };
    return this.#configured.roster;
  }
}

let current: Operation | undefined;

/** Begins the operation with the stack config that the engine hands over: once for each serialised provider, always the same. */
export function configure(config: Config): void {
  if (current !== undefined) return;
  connectEngineLog();
  current = new Operation(config);
}

/** Returns the operation of this process. */
export function currentOperation(): Operation {
  if (current !== undefined) return current;
  throw new Error("reaching the cluster: the engine has not sent the stack's config");
}
