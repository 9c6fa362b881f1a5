// The lab's own notes in its folder: what it was made of, so that later commands use the same.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Lab } from "./lab-folder.ts";
import type { LabToolName } from "./toolchain/tools.ts";

/** What a lab that is up was made of. */
export interface LabRecord {
  /** Absolute path of each executable. */
  readonly tools: Readonly<Record<LabToolName, string>>;
  /** The root file system under every host's disk; a lab keeps it for life, because the disks build on it. */
  readonly image: string;
}

/** Marks the folder as a lab; refuses one that holds other things, because `down` deletes it. */
export function claimFolder(lab: Lab): void {
  if (existsSync(lab.record)) return;
  if (existsSync(lab.directory) && readdirSync(lab.directory).length > 0) {
    throw new Error(
      `starting a lab in "${lab.directory}": the folder holds other things. Name another one in NODEPOOLS_LAB.`,
    );
  }
  mkdirSync(lab.directory, { recursive: true });
  write(lab, {});
}

/** Writes down what the lab is made of. */
export function writeRecord(lab: Lab, record: LabRecord): void {
  write(lab, record);
}

/** Reads what the lab is made of; throws when it was never brought up. */
export function readRecord(lab: Lab): LabRecord {
  const record = findRecord(lab);
  if (record === undefined) {
    throw new Error(`looking for a lab in "${lab.directory}": there is none. Run "npm run lab -- up".`);
  }
  return record;
}

/** Reads what the lab is made of; undefined when it was never brought up. */
export function findRecord(lab: Lab): LabRecord | undefined {
  if (!existsSync(lab.record)) return undefined;
  const record = JSON.parse(readFileSync(lab.record, "utf8")) as Partial<LabRecord>;
  return record.tools === undefined || record.image === undefined
    ? undefined
    : { tools: record.tools, image: record.image };
}

/** The file appears with its content or not at all. */
function write(lab: Lab, record: Partial<LabRecord>): void {
  const writing = `${lab.record}.writing`;
  writeFileSync(writing, `${JSON.stringify(record, undefined, 2)}\n`);
  renameSync(writing, lab.record);
}
