// A stack of the program at the top of the repository, run by the real CLI on the worker's site.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { captureCommand } from "../../../lab/processes/run-command.ts";
import { projectRoot } from "../../support/pulumi-cli.ts";
import { type EngineEvent, type EngineRun, resourceOf } from "./run.ts";
import type { Site } from "./site.ts";

const runSeconds = 180;

/** What a stack is declared to be beside its pools. */
export interface Settings {
  readonly ssh?: object;
  readonly cluster?: object;
}

/** A resource as the state has it. */
export interface StateResource {
  readonly urn: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** One stack with a config file of its own. */
export class EngineStack {
  readonly name: string;
  readonly configFile: string;
  /** Variables that its commands get beside the site's. */
  readonly environment: Record<string, string> = {};
  readonly #site: Site;

  private constructor(site: Site, name: string) {
    this.#site = site;
    this.name = name;
    this.configFile = join(site.folder, "stacks", `Pulumi.${name}.yaml`);
  }

  /** Creates the stack; its name is the last part of the owner that its nodes are stamped with. */
  static async create(site: Site, name: string): Promise<EngineStack> {
    const stack = new EngineStack(site, name);
    const folder = join(site.folder, "stacks");
    mkdirSync(folder, { recursive: true });
    // The CLI writes the stack's config file beside the Pulumi.yaml that it finds: not in the checkout.
    copyFileSync(join(projectRoot, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    const run = await stack.#capture(["stack", "init", name, "--no-select"], folder);
    if (run.status !== 0) throw new Error(`creating stack "${name}": ${run.stderr}`);
    return stack;
  }

  /** The stamp of its nodes. */
  get owner(): string {
    return `organization/nodepools/${this.name}`;
  }

  /** Declares the pools; the stack logs in as the site's account unless told otherwise. */
  declare(pools: readonly object[], { ssh, cluster }: Settings = {}): void {
    const former = existsSync(this.configFile) ? readFileSync(this.configFile, "utf8") : "";
    const salt = /^encryptionsalt: .*$/m.exec(former)?.[0] ?? "";
    const { identityPath, sshKey } = this.#site;
    const config = {
      "nodepools:cluster": { kubeconfig: identityPath, context: "engine", ...cluster },
      "nodepools:ssh": { user: "root", privateKeyFile: sshKey.privateKeyFile, ...ssh },
      "nodepools:pools": pools,
    };
    writeFileSync(this.configFile, `${stringify({ config })}${salt}\n`);
  }

  /** Runs `pulumi up` without preview. */
  up(...options: readonly string[]): Promise<EngineRun> {
    return this.operate("up", "--yes", "--skip-preview", ...options);
  }

  preview(...options: readonly string[]): Promise<EngineRun> {
    return this.operate("preview", ...options);
  }

  refresh(): Promise<EngineRun> {
    return this.operate("refresh", "--yes", "--skip-preview");
  }

  destroy(...options: readonly string[]): Promise<EngineRun> {
    return this.operate("destroy", "--yes", "--skip-preview", ...options);
  }

  /** Runs a command of the CLI that neither plans nor changes anything; returns its standard output. */
  async ask(argv: readonly string[], stdin = ""): Promise<string> {
    const run = await this.#capture([...argv, "--stack", this.name], projectRoot, stdin);
    if (run.status !== 0) throw new Error(`pulumi ${argv.join(" ")}: ${run.stderr}`);
    return run.stdout;
  }

  /** Reads the outputs of the program. */
  async outputs(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.ask(["stack", "output", "--json"]));
  }

  /** Path of the state file. */
  get stateFile(): string {
    return join(this.#site.folder, "state/.pulumi/stacks/nodepools", `${this.name}.json`);
  }

  /** Reads the state file as it is on disk. */
  stateText(): string {
    return readFileSync(this.stateFile, "utf8");
  }

  /** Reads the state, each resource under its type's last part and its name: `NodeMembership w1`. */
  state(): Map<string, StateResource> {
    const { checkpoint } = JSON.parse(this.stateText()) as {
      checkpoint: { latest?: { resources?: readonly StateResource[] } };
    };
    return new Map(
      (checkpoint.latest?.resources ?? []).map((resource) => [resourceOf(resource.urn), resource]),
    );
  }

  /** Lists the resources of one type in the state by their names. */
  namesOf(type: string): string[] {
    return [...this.state().keys()].flatMap((resource) => {
      const [of, name = ""] = resource.split(" ");
      return of === type ? [name] : [];
    });
  }

  /** Moves a resource and what is below it into the state of another stack. */
  async move(urn: string, into: EngineStack): Promise<void> {
    const argv = ["state", "move", "--source", this.name, "--dest", into.name, "--yes", urn];
    const run = await this.#capture(argv, join(this.#site.folder, "stacks"));
    if (run.status !== 0) throw new Error(`moving ${urn}: ${run.stderr}${run.stdout}`);
  }

  /** Returns how the CLI is called for this stack, for those who watch it run. */
  commandLine(command: string, ...options: readonly string[]) {
    const { pulumi, environment } = this.#site;
    const flags = [
      "--config-file",
      this.configFile,
      "--stack",
      this.name,
      "--non-interactive",
      "--color=never",
    ];
    const env = { ...environment, ...this.environment };
    return { argv: [pulumi, command, ...flags, ...options], cwd: projectRoot, env };
  }

  /** Runs a command that plans or changes something. */
  async operate(command: string, ...options: readonly string[]): Promise<EngineRun> {
    const log = join(this.#site.folder, `${this.name}.events`);
    writeFileSync(log, "");
    const flags = ["--event-log", log, "--config-file", this.configFile, "--stack", this.name];
    const run = await this.#capture([command, ...flags, ...options], projectRoot);
    const lines = readFileSync(log, "utf8").trim().split("\n");
    const text = run.stdout + run.stderr;
    // One that hangs is no failure that a test may wait for, and its last line may be half written.
    if (run.status === null)
      throw new Error(`pulumi ${command}: not done after ${runSeconds} s, ended. It said:\n${text}`);
    const events = lines.flatMap((line) => (line === "" ? [] : [JSON.parse(line) as EngineEvent]));
    return { ok: run.status === 0, status: run.status, text, events };
  }

  #capture(argv: readonly string[], cwd: string, stdin = "") {
    const { pulumi, environment } = this.#site;
    const command = [pulumi, ...argv, "--non-interactive", "--color=never"];
    const env = { ...environment, ...this.environment };
    return captureCommand(command, { cwd, env, timeoutSeconds: runSeconds, stdin });
  }
}
