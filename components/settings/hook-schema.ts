// The shape of a pool's `hooks`, and what their values mean together. Pure but for the files of Jobs.
import { parse } from "yaml";
import { z } from "zod";
import { hookDefaults } from "../model/defaults.ts";
import { jobFault } from "../model/hook-job.ts";
import { hookPoints } from "../model/hooks.ts";
import { oneDay } from "./drain-schema.ts";
import type { Environment } from "./environment.ts";
import { definedOnly, keyedMap, listOf, mapOf, text, wholeNumber } from "./fields.ts";
import { dnsLabelFault } from "./kubernetes-syntax.ts";
import { type Path, type Problem, show } from "./problem.ts";
import { entriesOf, findRepeats, isMap, keyOf, type Located, type Unvalidated } from "./raw-config.ts";

/** How long a command may be, in characters: the host's shell gets it as one variable. */
const longestCommand = 65_536;
// With our prefix and an id it is the name of a Job, whose pods have it as a label.
const longestName = 40;

const commandFault = (command: string) => {
  if (command.trim() === "") return "empty. Give a command for sh.";
  return command.length > longestCommand
    ? `a command of ${command.length} characters; at most ${longestCommand}. Put it on the hosts as a file, and call that.`
    : undefined;
};

const nameFault = (name: string) =>
  dnsLabelFault(name, "a hook name") ??
  (name.length > longestName ? `${show(name)} is too long: at most ${longestName} characters.` : undefined);

/** Fields of a hook's Job; see HookJobArgs. */
export const jobFields = {
  namespace: text("the name of a namespace", (name) => dnsLabelFault(name, "a namespace")),
  manifest: keyedMap("a Job as a map", () => undefined, z.unknown()).optional(),
  file: text("the path of a file with a Job").optional(),
};

/** Fields of a hook; see HookArgs for meaning, defaults and change effects. */
export const hookFields = {
  name: text("a hook name", nameFault),
  command: text("a command for sh", commandFault).optional(),
  job: mapOf(jobFields, "a map with namespace and manifest or file").optional(),
  timeoutSeconds: wholeNumber("a whole number of seconds", 1, oneDay).default(hookDefaults.timeoutSeconds),
};

const hookList = () =>
  listOf(mapOf(hookFields, "a hook with name and command or job"), "a list of hooks").optional();

/** Fields of `hooks`. */
export const hooksFields = {
  beforeDrain: hookList(),
  afterDrain: hookList(),
  beforeReset: hookList(),
  afterJoin: hookList(),
};

/** Schema of a pool's `hooks`. */
export const hooksSchema = mapOf(hooksFields, "a map of hooks").transform(definedOnly);

/** Checks the raw hooks of a pool whose path this is. */
export function checkHooks(path: Path, hooks: unknown): Problem[] {
  return hookPoints.flatMap((point) => {
    const entries = locate(path, hooks, point);
    return [
      ...findRepeats(
        entries,
        "name",
        (hook) => keyOf(hook.name),
        "the name of",
        "Give each hook its own name.",
      ),
      ...entries.flatMap(checkKind),
    ];
  });
}

function locate(path: Path, hooks: unknown, point: string): Located[] {
  const list = isMap(hooks) ? hooks[point] : undefined;
  return entriesOf(list).map(({ at, entry }) => ({ path: [...path, "hooks", point, at], entry }));
}

function checkKind({ path, entry: { command, job } }: Located): Problem[] {
  if ((command === undefined) === (job === undefined))
    return [
      {
        path,
        text: `${command === undefined ? "neither command nor job" : "command and job"}. Give one of the two.`,
      },
    ];
  if (!isMap(job)) return [];
  const { manifest, file, namespace } = job;
  if ((manifest === undefined) === (file === undefined)) {
    const given = manifest === undefined ? "neither manifest nor file" : "manifest and file";
    return [{ path: [...path, "job"], text: `${given}. Give one of the two.` }];
  }
  const fault = isMap(manifest) && typeof namespace === "string" ? jobFault(manifest, namespace) : undefined;
  return fault === undefined ? [] : [{ path: [...path, "job", "manifest"], text: `${fault}.` }];
}

/** Checks the files with Jobs of all pools, given as raw config. */
export function checkHookFiles(pools: unknown, environment: Environment): Problem[] {
  return entriesOf(pools).flatMap(({ at, entry: { hooks } }) =>
    hookPoints.flatMap((point) =>
      locate(["pools", at], hooks, point).flatMap(({ path, entry }) => {
        const text = isMap(entry.job) ? fileFault(entry.job, environment) : undefined;
        return text === undefined ? [] : [{ path: [...path, "job", "file"], text }];
      }),
    ),
  );
}

function fileFault({ file, namespace }: Unvalidated, environment: Environment): string | undefined {
  // Values of another kind are reported by themselves.
  if (typeof file !== "string" || typeof namespace !== "string") return undefined;
  const { text: content, fault } = environment.readFile(file);
  if (fault !== undefined)
    return `${show(file)} cannot be read: ${fault}. Paths are relative to the project's folder: correct the path, or create the file.`;
  if (content === undefined) return undefined;
  const found = parseOr(content);
  if (found === undefined) return `${show(file)} is neither YAML nor JSON with one document.`;
  const wrong = jobFault(found, namespace);
  return wrong && `${show(file)} ${wrong}.`;
}

function parseOr(content: string): unknown {
  try {
    return parse(content) as unknown;
  } catch {
    return undefined;
  }
}
