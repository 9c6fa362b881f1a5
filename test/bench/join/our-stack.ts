// The side of this program: a stack of the real CLI that declares the hosts in one pool.
import { join } from "node:path";
import type { Host } from "../../../lab/hosts/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import { LabStack } from "../../../lab/stack.ts";
import { EngineEvents } from "./engine-events.ts";
import type { JoinRun } from "./results.ts";
import { stagesOf, stepSeconds } from "./steps.ts";

// The CLI has --event-log only with this; it adds options and changes none.
process.env.PULUMI_DEBUG_COMMANDS = "true";

/** One stack on the lab, with no node at first. */
export class OurStack {
  readonly #lab: Lab;
  readonly #stack: LabStack;

  private constructor(lab: Lab, stack: LabStack) {
    this.#lab = lab;
    this.#stack = stack;
  }

  /** Creates an empty stack. */
  static async create(lab: Lab, name: string): Promise<OurStack> {
    return new OurStack(lab, await LabStack.create(lab, name));
  }

  /** Declares exactly these hosts. */
  declare(hosts: readonly Host[]): void {
    const entries = hosts.map(({ name, address }) => ({ name, address }));
    this.#stack.declare([{ name: "workers", hosts: entries }]);
  }

  /** Runs `pulumi up`; throws when it fails. */
  async up(...options: readonly string[]): Promise<void> {
    const run = await this.#stack.up(...options);
    if (!run.ok) throw new Error(`running pulumi up on stack "${this.#stack.name}": it failed:\n${run.text}`);
  }

  /** Runs `pulumi up` and tells where its time went; `ssh.parallelJoins` limits the joins, and not the engine. */
  async upInStages(): Promise<Required<Pick<JoinRun, "stages" | "steps">>> {
    const log = join(this.#lab.directory, `events-${this.#stack.name}.jsonl`);
    using events = new EngineEvents(log);
    const begun = performance.now() / 1000;
    await this.up("--event-log", log, "--parallel", "16");
    return { stages: stagesOf(events.seen(), begun), steps: stepSeconds(events.seen()) };
  }
}
