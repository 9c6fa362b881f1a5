// Loads the parts of the program that prepares a host.
import { readFileSync } from "node:fs";

/** Holds what a preparation runs. */
export interface PrepareScripts {
  /** Runs the program; reads `renderPrepareInput` on stdin. */
  readonly runner: string;
  /** The program for `renderPrepareInput`. */
  readonly program: string;
}

const parts = [
  "marker",
  "prepare-frame",
  "prepare-guard",
  "prepare-files",
  "prepare-kernel",
  "prepare-surroundings",
  "prepare-packages",
  "prepare-apt",
  "prepare-docker-key",
  "prepare-dnf",
  "prepare-runtime",
  "prepare-main",
];

/** Reads the runner and the program; throws when the package is incomplete. */
export function loadPrepareScripts(): PrepareScripts {
  return {
    runner: ["lock", "prepare"].map(load).join("\n"),
    program: parts.map(load).join("\n"),
  };
}

function load(name: string): string {
  return readFileSync(new URL(`scripts/${name}.sh`, import.meta.url), "utf8");
}
