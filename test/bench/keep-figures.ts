// Keeps the figures of a benchmark as JSON beside those of earlier runs.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeMachine } from "./machine.ts";

const folder = join(import.meta.dirname, "../../bench-results");

/** Writes the figures with the time and the machine they come from; returns the file's path. */
export function keepFigures(benchmark: string, figures: object): string {
  mkdirSync(folder, { recursive: true });
  const at = new Date().toISOString();
  const path = join(folder, `${benchmark}-${at.replaceAll(":", "-").slice(0, 19)}.json`);
  writeFileSync(path, `${JSON.stringify({ at, machine: describeMachine(), ...figures }, undefined, 2)}\n`);
  return path;
}
