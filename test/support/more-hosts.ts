// Lab tests with more hosts than other files have.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll } from "vitest";
import { findHost, power, up } from "../../lab/lab.ts";
import { hostCount, lab, readyNodes } from "./test-lab.ts";

/** Gives the lab hosts w1 to w`count` for this file; those that no other file has are off afterwards. */
export function useHosts(count: number): void {
  beforeAll(() => up(lab, { hosts: count }));
  afterAll(async () => {
    const others = Array.from({ length: count - hostCount }, (_, at) => `w${hostCount + 1 + at}`);
    for (const name of others) await power(lab, name, "off");
  });
}

/** Names those of the hosts whose Nodes are Ready and schedulable, sorted. */
export async function readyAmong(names: readonly string[]): Promise<string[]> {
  return (await readyNodes()).filter((name) => names.includes(name));
}

/** Throws hosts away that are off, with what is on their disks: a lab that is to have them again makes them anew. */
export function discardHosts(...names: readonly string[]): void {
  for (const name of names) {
    const { address, directory } = findHost(lab, name);
    rmSync(directory, { recursive: true });
    const known = readFileSync(lab.knownHosts, "utf8").split("\n");
    writeFileSync(lab.knownHosts, known.filter((line) => !line.startsWith(`${address} `)).join("\n"));
  }
}
