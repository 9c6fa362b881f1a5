// What a stack does of its own around a node's drain, reset and join, and when. Pure.
import { createHash } from "node:crypto";
import type { Disruption } from "./disruption.ts";

/** Lists the moments at which hooks run, in their order. */
export const hookPoints = ["beforeDrain", "afterDrain", "beforeReset", "afterJoin"] as const;

/** Names one of them. */
export type HookPoint = (typeof hookPoints)[number];

/** A Job of the cluster. */
export interface HookJob {
  /** Where it runs; the namespace must exist. */
  readonly namespace: string;
  /** The Job as Kubernetes takes it; either this or `file`. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** Path of a file with the Job, YAML or JSON. */
  readonly file?: string;
}

/** One hook: a command on the host, or a Job. */
export interface Hook {
  /** Unique among those of its moment. */
  readonly name: string;
  /** Text for `sh`, run as root on the host. */
  readonly command?: string;
  readonly job?: HookJob;
  /** Limits one run, in seconds. */
  readonly timeoutSeconds: number;
}

/** The hooks of a pool, by their moment, in the order in which they run. */
export type Hooks = { readonly [Point in HookPoint]?: readonly Hook[] };

/** Why hooks run: a removal or rejoin, a maintenance, a reboot, a join. */
export type HookOccasion = "leave" | "maintenance" | "reboot" | "join";

/** Which moments each change of a node has. A lost machine has none: it is not contacted. */
export const pointsOf: { readonly [Kind in Disruption | "join"]: readonly HookPoint[] } = {
  leaves: ["beforeDrain", "afterDrain", "beforeReset"],
  rejoin: ["beforeDrain", "afterDrain", "beforeReset", "afterJoin"],
  maintenance: ["beforeDrain", "afterDrain"],
  reboot: ["beforeDrain", "afterDrain"],
  join: ["afterJoin"],
  lost: [],
};

/** Returns what names a hook in what is remembered of it: a hook that was changed since is another one. */
export function hookKey(occasion: HookOccasion, point: HookPoint, hook: Hook, definition: string): string {
  const digest = createHash("sha256").update(definition).digest("hex").slice(0, 10);
  return `${occasion}/${point}/${hook.name}/${digest}`;
}

/** Lists the Jobs of hooks. */
export function jobsOf(hooks: Hooks = {}): HookJob[] {
  return hookPoints.flatMap((point) => (hooks[point] ?? []).flatMap(({ job }) => job ?? []));
}
