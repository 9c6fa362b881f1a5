// The Job of a hook as it is declared: in the config, or in a file beside it.
import { parse } from "yaml";
import { oneLine } from "../model/foreign-text.ts";
import { jobFault } from "../model/hook-job.ts";
import type { HookJob } from "../model/hooks.ts";
import { processEnvironment } from "./environment.ts";

/** Returns a Job's manifest, out of its file where it has one. Throws where that cannot be used. */
export function readManifest({ manifest, file, namespace }: HookJob): Readonly<Record<string, unknown>> {
  const found = file === undefined ? manifest : parseFile(file);
  const fault = jobFault(found, namespace);
  if (fault !== undefined) throw new Error(`its Job ${file === undefined ? "" : `in "${file}" `}${fault}`);
  return found as Readonly<Record<string, unknown>>;
}

function parseFile(file: string): unknown {
  const { text, fault } = processEnvironment.readFile(file);
  if (text === undefined) throw new Error(`its file "${file}" cannot be read: ${fault}`);
  try {
    return parse(text);
  } catch (error) {
    throw new Error(`its file "${file}" is neither YAML nor JSON: ${oneLine((error as Error).message)}`);
  }
}
