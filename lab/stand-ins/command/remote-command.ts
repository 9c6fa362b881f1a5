// The life of a command:remote:Command on property bags: provider/pkg/provider/remote/commandController.go in
// pulumi/pulumi-command.
import { randomBytes } from "node:crypto";
import { type Properties, reveal, UNKNOWN, type Value } from "../properties.ts";
import { changedInputs } from "./difference.ts";
import { inputProblems, readInputs, withConnection } from "./inputs.ts";
import type { CommandOutput } from "./remote-environment.ts";
import type { ResourceContext, ResourceLife } from "./resource-life.ts";
import { runScript } from "./run-script.ts";

/** The life of a command:remote:Command. */
export const remoteCommand: ResourceLife = {
  withDefaults: withConnection,
  inputProblems,
  changedInputs,
  newId: (name) => name + randomBytes(4).toString("hex"),
  previewCreate,
  create,
  previewUpdate,
  update,
  remove,
};

const NO_OUTPUT: CommandOutput = { stdout: "", stderr: "" };

/** Returns what creating would leave in state, as far as a preview can know it. */
function previewCreate(inputs: Properties): Properties {
  return { ...inputs, stdout: UNKNOWN, stderr: UNKNOWN };
}

/** Runs the create script and returns the new state. */
async function create(inputs: Properties, context: ResourceContext): Promise<Properties> {
  const { create: script } = readInputs(inputs);
  return { ...inputs, ...(await run(script, inputs, NO_OUTPUT, context)) };
}

/** Returns what updating would leave in state: unknown output if any input changes. */
function previewUpdate(state: Properties, inputs: Properties): Properties {
  return changedInputs(state, inputs).length > 0 ? previewCreate(inputs) : { ...inputs, ...outputOf(state) };
}

/** Runs the update script, or the create script where there is none, and returns the new state. */
async function update(state: Properties, inputs: Properties, context: ResourceContext): Promise<Properties> {
  const scripts = readInputs(inputs);
  return { ...inputs, ...(await run(scripts.update ?? scripts.create, inputs, outputOf(state), context)) };
}

/** Runs the delete script in `state`, with the connection in `state`. */
async function remove(state: Properties, context: ResourceContext): Promise<void> {
  await run(readInputs(state).delete, state, outputOf(state), context);
}

async function run(
  script: string | undefined,
  inputs: Properties,
  previous: CommandOutput,
  { log, cancelled }: ResourceContext,
): Promise<Record<keyof CommandOutput, string>> {
  if (script === undefined) return { ...previous };
  return { ...(await runScript(script, readInputs(inputs), previous, log, cancelled)) };
}

function outputOf(state: Properties): Record<keyof CommandOutput, string> {
  return { stdout: textOf(state.stdout), stderr: textOf(state.stderr) };
}

function textOf(value: Value | undefined): string {
  const bare = reveal(value ?? "");
  return typeof bare === "string" ? bare : "";
}
