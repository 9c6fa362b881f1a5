// A stack of this program on the lab: the demonstration and the lab tests run the real CLI through it.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { type Lab, runInLab } from "./lab.ts";
import type { CommandResult } from "./processes/run-command.ts";

const projectRoot = join(import.meta.dirname, "..");
const operationSeconds = 600;
const commandsWithConfig = ["up", "preview", "refresh", "destroy"];

/** What one run of the CLI left behind. */
export interface PulumiRun {
  readonly ok: boolean;
  /** Standard output and error together, as a person sees them. */
  readonly text: string;
}

/** One stack with a config file of its own inside the lab's folder, so that nothing in the checkout changes. */
export class LabStack {
  readonly name: string;
  readonly configFile: string;
  readonly #lab: Lab;
  readonly #login: object;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(lab: Lab, name: string, login: object, environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
    this.#lab = lab;
    this.#login = login;
    this.name = name;
    this.configFile = join(lab.directory, "stacks", `Pulumi.${name}.yaml`);
  }

  /** Creates the stack in the lab's state; it logs in as the lab's administrator unless told otherwise. */
  static async create(
    lab: Lab,
    name: string,
    login: object = adminLogin(lab),
    environment: NodeJS.ProcessEnv = {},
  ): Promise<LabStack> {
    const stack = new LabStack(lab, name, login, environment);
    const folder = dirname(stack.configFile);
    mkdirSync(folder, { recursive: true });
    // The CLI writes the stack's config file beside the Pulumi.yaml that it finds: not in the checkout.
    copyFileSync(join(projectRoot, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    const run = await stack.#capture(["stack", "init", name, "--no-select"], folder);
    if (run.status !== 0) throw new Error(`creating stack "${name}": ${run.stderr}`);
    return stack;
  }

  /** Declares the pools; cluster and SSH settings are the lab's. */
  declare(pools: readonly object[], others: { ssh?: object; cluster?: object } = {}): void {
    const former = existsSync(this.configFile) ? readFileSync(this.configFile, "utf8") : "";
    const salt = /^encryptionsalt: .*$/m.exec(former)?.[0];
    const config = {
      "nodepools:cluster": { ...this.#login, ...others.cluster },
      "nodepools:ssh": {
        user: "root",
        privateKeyFile: this.#lab.sshKey,
        knownHostsFile: this.#lab.knownHosts,
        ...others.ssh,
      },
      "nodepools:pools": pools,
    };
    writeFileSync(this.configFile, `${stringify({ config })}${salt === undefined ? "" : `${salt}\n`}`);
  }

  /** Runs `pulumi up` without asking. */
  up(...options: readonly string[]): Promise<PulumiRun> {
    return this.run(["up", "--yes", "--skip-preview", ...options]);
  }

  /** Runs `pulumi preview`. */
  preview(...options: readonly string[]): Promise<PulumiRun> {
    return this.run(["preview", "--diff=false", ...options]);
  }

  /** Runs `pulumi preview` and says whether it would change nothing. */
  async isSettled(): Promise<PulumiRun> {
    return this.preview("--expect-no-changes");
  }

  /** Runs `pulumi destroy` without asking. */
  destroy(...options: readonly string[]): Promise<PulumiRun> {
    return this.run(["destroy", "--yes", "--skip-preview", ...options]);
  }

  /** Runs any command of the CLI on this stack; `hear` gets its standard output as it comes. */
  async run(argv: readonly string[], hear?: (output: string) => void): Promise<PulumiRun> {
    const [command = ""] = argv;
    const config = commandsWithConfig.includes(command) ? ["--config-file", this.configFile] : [];
    const result = await this.#capture([...argv, "--stack", this.name, ...config], projectRoot, hear);
    const text = result.stdout + result.stderr;
    // One that hangs is no failure that anybody may count on.
    if (result.status === null)
      throw new Error(`pulumi ${command}: not done after ${operationSeconds} s, ended. It said:\n${text}`);
    return { ok: result.status === 0, text };
  }

  #capture(argv: readonly string[], cwd: string, hear?: (output: string) => void): Promise<CommandResult> {
    return runInLab(
      this.#lab,
      ["pulumi", "--non-interactive", "--color=never", "--logtostderr=false", ...argv],
      {
        cwd,
        timeoutSeconds: operationSeconds,
        env: this.#environment,
        hear,
      },
    );
  }
}

function adminLogin(lab: Lab): object {
  return { kubeconfig: lab.adminKubeconfig, context: "lab" };
}
