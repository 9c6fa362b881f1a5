// The life of one object on the API server: apply, read, delete and wait until it is gone.
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { isProperties, type Properties, reveal } from "../properties.ts";
import { ApiError } from "./api-requests.ts";
import type { Cluster } from "./cluster.ts";
import { annotation, describe, keyOf, type ObjectKey, textAt } from "./objects.ts";
import type { ProviderSettings } from "./settings.ts";
import { liveInputs, stateOf } from "./state.ts";

/** Where objects are, and how they are treated. */
export interface Surroundings {
  readonly cluster: Cluster;
  readonly settings: Pick<ProviderSettings, "takesFields" | "adoptsObjects">;
}

/** Creates an object and returns its state; an object that exists is an error, unless the provider adopts. */
export async function create(inputs: Properties, { cluster, settings }: Surroundings): Promise<Properties> {
  const key = keyOf(inputs);
  return about("creating", key, async () => {
    if (!settings.adoptsObjects && (await cluster.find(key))) {
      throw new Error("it already exists. Import it, or remove it from the cluster.");
    }
    return apply(inputs, {}, { cluster, settings });
  });
}

/** Updates an object and returns its state. */
export function update(
  state: Properties,
  inputs: Properties,
  surroundings: Surroundings,
): Promise<Properties> {
  return about("changing", keyOf(inputs), () => apply(inputs, state, surroundings));
}

/**
 * Asks the server what would become of an object, and does not tell: a namespace or a kind that is not there, or a right
 * that a preview's identity lacks, is passed over as in the original.
 */
export async function preview(
  inputs: Properties,
  state: Properties,
  surroundings: Surroundings,
): Promise<void> {
  await apply(inputs, state, surroundings, true).catch(() => undefined);
}

async function apply(
  inputs: Properties,
  state: Properties,
  { cluster, settings }: Surroundings,
  dryRun = false,
) {
  const fieldManager = fieldManagerOf(inputs, state);
  const force = settings.takesFields || annotation(inputs, "pulumi.com/patchForce") === "true";
  const object = reveal(inputs);
  const live = await cluster.apply(isProperties(object) ? object : {}, fieldManager, { force, dryRun });
  return stateOf(live, inputs, fieldManager);
}

/** Reads an object; undefined when it is gone. */
export async function read(
  key: ObjectKey,
  inputs: Properties,
  state: Properties,
  { cluster }: Surroundings,
): Promise<{ inputs: Properties; state: Properties } | undefined> {
  const live = await about("reading", key, () => cluster.find(key));
  if (!live) return undefined;
  const found = liveInputs(live, inputs);
  return { inputs: found, state: stateOf(live, found, fieldManagerOf(inputs, state)) };
}

/** How long a deletion is waited for, and who hears of it. */
export interface Patience {
  readonly timeoutSeconds: number;
  readonly cancelled: AbortSignal;
  /** Shows what is waited for. */
  status(text: string): void;
}

/** Deletes an object and waits until it, with its uid, is gone. */
export async function remove(key: ObjectKey, { cluster }: Surroundings, patience: Patience): Promise<void> {
  await about("deleting", key, async () => {
    const uid = uidOf(await cluster.find(key));
    if (uid === "") return;
    await cluster.startDelete(key);
    await waitUntilGone(() => cluster.find(key), uid, patience);
  });
}

async function waitUntilGone(
  find: () => Promise<Properties | undefined>,
  uid: string,
  { timeoutSeconds, cancelled, status }: Patience,
): Promise<void> {
  const deadline = performance.now() + timeoutSeconds * 1000;
  let delay = 50;
  for (let live = await find(); live && uidOf(live) === uid; live = await find()) {
    const holders = finalizersOf(live).join(", ") || "none";
    if (performance.now() > deadline) {
      throw new Error(
        `it is still there after ${timeoutSeconds} s; finalizers: ${holders}. Find out who should remove them.`,
      );
    }
    status(`waiting until it is gone; finalizers: ${holders}`);
    await pause(delay, undefined, { signal: cancelled });
    delay = Math.min(delay * 2, 1000);
  }
}

function fieldManagerOf(inputs: Properties, state: Properties): string {
  const declared = annotation(inputs, "pulumi.com/patchFieldManager") || textAt(state, "__fieldManager");
  return declared || `pulumi-kubernetes-${randomBytes(4).toString("hex")}`;
}

function uidOf(live: Properties | undefined): string {
  return live ? textAt(live, "metadata", "uid") : "";
}

function finalizersOf(live: Properties): string[] {
  const { metadata } = live;
  const finalizers = isProperties(metadata) ? metadata.finalizers : undefined;
  return Array.isArray(finalizers) ? finalizers.map(String) : [];
}

async function about<T>(verb: string, key: ObjectKey, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw new Error(`${verb} ${describe(key)}: ${explain(cause)}`, { cause });
  }
}

function explain(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  const isConflict =
    cause instanceof ApiError && cause.causes.some(({ reason }) => reason === "FieldManagerConflict");
  if (!isConflict) return text;
  return `others own fields that it declares: ${text}. Remove the fields there, or take them with the annotation pulumi.com/patchForce: "true".`;
}
