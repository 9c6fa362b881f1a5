// What the hooks of a node are run with, and what is remembered of them on its Node.
import { changeNodeRetrying } from "../../kube/change-node.ts";
import { hookNote, type NotedHook, withHook } from "../../model/hook-note.ts";
import type { Hook, HookOccasion, HookPoint } from "../../model/hooks.ts";
import type { HostAddress } from "../../model/host.ts";
import { ownedNode } from "../identity.ts";
import type { Operation } from "../operation.ts";
import type { Progress } from "../progress.ts";

/** The node and machine for which hooks run. */
export interface HookedNode {
  readonly node: string;
  /** Pool name. */
  readonly pool: string;
  readonly owner: string;
  readonly host: HostAddress;
  readonly machineId: string;
}

/** One hook that is to run, and why. */
export interface HookRun {
  readonly target: HookedNode;
  readonly occasion: HookOccasion;
  readonly point: HookPoint;
  readonly hook: Hook;
  readonly progress: Progress;
}

/** Remembers hooks on the Node; without one nothing is remembered, and hooks run again. */
export class HookMemory {
  readonly #kube: Operation["kube"];
  readonly #target: HookedNode;
  #noted: readonly NotedHook[] = [];

  constructor({ kube }: Operation, target: HookedNode) {
    this.#kube = kube;
    this.#target = target;
  }

  /** Reads what is noted; a note that somebody changed says nothing, so that all hooks run again, which is told. */
  async recall(progress: Progress): Promise<void> {
    const node = ownedNode(await this.#kube.readNode(this.#target.node), this.#target);
    const noted = node === undefined ? [] : hookNote.read(node);
    if (noted === "altered")
      await progress.warn(
        `someone changed the note on Node "${this.#target.node}" of the hooks that have run: they run again`,
      );
    this.#noted = noted === "altered" ? [] : noted;
  }

  /** Returns what is noted of a hook. */
  find(key: string): NotedHook | undefined {
    return this.#noted.find((one) => one.key === key);
  }

  /** Notes a hook, before it begins or when it is done. */
  async note(hook: NotedHook): Promise<void> {
    this.#noted = withHook(this.#noted, hook);
    await this.#change((node) => (ownedNode(node, this.#target) ? hookNote.plan(this.#noted) : undefined));
  }

  /** Forgets all of them. */
  async forget(): Promise<void> {
    await this.#change((node) => (hookNote.isOn(node) ? hookNote.without(node, {}) : undefined));
  }

  async #change(plan: Parameters<typeof changeNodeRetrying>[2]): Promise<void> {
    const node = ownedNode(await this.#kube.readNode(this.#target.node), this.#target);
    if (node !== undefined) await changeNodeRetrying(this.#kube, node, plan);
  }
}
