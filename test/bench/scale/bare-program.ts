// The program that ours is compared with: as many resources, three trivial dynamic ones in a component for each node.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { captureCommand } from "../../../lab/processes/run-command.ts";
import type { Site } from "../../engine/site/site.ts";
import { projectRoot } from "../../support/pulumi-cli.ts";
import type { CliRun } from "./process-tree.ts";

const program = `
import * as pulumi from "@pulumi/pulumi";

const provider = {
  async diff() { return { changes: false }; },
  async create(inputs) { return { id: inputs.value, outs: inputs }; },
};

class Trivial extends pulumi.dynamic.Resource {
  constructor(name, options) { super(provider, name, { value: name }, options); }
}

class Group extends pulumi.ComponentResource {
  constructor(name) {
    super("bare:index:Group", name);
    for (const part of ["a", "b", "c"]) new Trivial(\`\${name}-\${part}\`, { parent: this });
    this.registerOutputs();
  }
}

for (let at = 0; at < Number(new pulumi.Config().require("groups")); at++) new Group(\`group-\${at}\`);
`;

/** A stack of the bare program that is up. */
export class BareStack {
  readonly #site: Site;
  readonly #folder: string;

  private constructor(site: Site, folder: string) {
    this.#site = site;
    this.#folder = folder;
  }

  /** Creates it with so many components. */
  static async create(site: Site, groups: number): Promise<BareStack> {
    const folder = join(site.folder, `bare-${groups}`);
    mkdirSync(folder);
    symlinkSync(join(projectRoot, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module", "main": "index.js" }\n');
    writeFileSync(join(folder, "index.js"), program);
    const runtime = "{ name: nodejs, options: { typescript: false } }";
    writeFileSync(join(folder, "Pulumi.yaml"), `name: bare-${groups}\nruntime: ${runtime}\n`);
    const stack = new BareStack(site, folder);
    await stack.#run("stack", "init", "dev");
    await stack.#run("config", "set", "groups", `${groups}`);
    await stack.#run("up", "--yes", "--skip-preview");
    return stack;
  }

  /** Says how it is previewed. */
  preview(): CliRun {
    const { pulumi, environment } = this.#site;
    const env = { ...environment, PULUMI_SKIP_CHECKPOINTS: "true" };
    const argv = [pulumi, "preview", "--stack", "dev", "--non-interactive", "--color=never"];
    return { argv, cwd: this.#folder, env, timeoutSeconds: 1800 };
  }

  async #run(...args: readonly string[]): Promise<void> {
    // Without checkpoints: the file would be written anew for each of the resources.
    const env = {
      ...this.#site.environment,
      PULUMI_EXPERIMENTAL: "true",
      PULUMI_SKIP_CHECKPOINTS: "true",
    };
    const argv = [this.#site.pulumi, ...args, "--non-interactive", "--color=never"];
    const run = await captureCommand(argv, { cwd: this.#folder, env, timeoutSeconds: 1800 });
    if (run.status !== 0)
      throw new Error(`preparing the bare program: ${(run.stderr + run.stdout).slice(-2000)}`);
  }
}
