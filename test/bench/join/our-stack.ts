// The side of this program: a stack of the real CLI that declares the hosts in one pool.
import type { Host } from "../../../lab/hosts/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { LabStack } from "../../../lab/stack.ts";
import type { JoinRun } from "./results.ts";
import { SeenLines } from "./seen-lines.ts";
import { stagesOf, stepSeconds } from "./steps.ts";

/** One stack on the lab, with no node at first. */
export class OurStack {
  readonly #stack: LabStack;

  private constructor(stack: LabStack) {
    this.#stack = stack;
  }

  /** Creates an empty stack. */
  static async create(lab: Lab, name: string): Promise<OurStack> {
    return new OurStack(await LabStack.create(lab, name));
  }

  /** Declares exactly these hosts. */
  declare(hosts: readonly Host[]): void {
    const entries = hosts.map(({ name, address }) => ({ name, address }));
    this.#stack.declare([{ name: "workers", hosts: entries }]);
  }

  /** Runs `pulumi up`; throws when it fails. */
  async up(...options: readonly string[]): Promise<void> {
    await this.#up(options);
  }

  /** Runs `pulumi up` and tells where its time went; `ssh.parallelJoins` limits the joins, and not the engine. */
  async upInStages(): Promise<Required<Pick<JoinRun, "stages" | "steps">>> {
    const lines = new SeenLines();
    const begun = performance.now() / 1000;
    await this.#up(["--parallel", "16"], lines.hear);
    return { stages: stagesOf(lines.seen(), begun), steps: stepSeconds(lines.seen()) };
  }

  async #up(options: readonly string[], hear?: (output: string) => void): Promise<void> {
    const run = await this.#stack.run(["up", "--yes", "--skip-preview", ...options], hear);
    if (!run.ok) throw new Error(`running pulumi up on stack "${this.#stack.name}": it failed:\n${run.text}`);
  }
}
