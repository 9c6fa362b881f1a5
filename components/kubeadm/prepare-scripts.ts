// Loads the parts of the program that prepares a host.
import { readFileSync } from "node:fs";

/** Holds what a preparation runs. */
export interface PrepareScripts {
  /** The command: short, because Pulumi's errors quote it; reads `renderPrepareInput` on stdin. */
  readonly command: string;
  /** The program for `renderPrepareInput`. */
  readonly program: string;
}

const parts = [
  "frame",
  "guard",
  "files",
  "kernel",
  "surroundings",
  "packages",
  "apt",
  "dnf",
  "runtime",
  "main",
];

/** Reads the command and the program; throws when the package is incomplete. */
export function loadPrepareScripts(): PrepareScripts {
  return { command: load("prepare"), program: parts.map((part) => load(`prepare-${part}`)).join("\n") };
}

function load(name: string): string {
  return readFileSync(new URL(`scripts/${name}.sh`, import.meta.url), "utf8");
}
