// Lab tests with more hosts than other files have: stories that wait side by side, each with hosts of its own.
import { afterAll, beforeAll } from "vitest";
import { power, up } from "../../lab/lab.ts";
import { hostCount, lab, nodes, readyNodes } from "./test-lab.ts";

/** Gives the lab hosts w1 to w`count` for this file; those that no other file has are off afterwards. */
export function useHosts(count: number): void {
  beforeAll(() => up(lab, { hosts: count }));
  afterAll(async () => {
    const others = Array.from({ length: count - hostCount }, (_, at) => `w${hostCount + 1 + at}`);
    for (const name of others) await power(lab, name, "off");
  });
}

/** Names those of the hosts that have a Node, sorted. */
export async function nodesAmong(names: readonly string[]): Promise<string[]> {
  return [...(await nodes()).keys()].filter((name) => names.includes(name)).sort();
}

/** Names those of the hosts whose Nodes are Ready and schedulable, sorted. */
export async function readyAmong(names: readonly string[]): Promise<string[]> {
  return (await readyNodes()).filter((name) => names.includes(name));
}

/** What a test takes whose story runs beside another one: within a story one thing comes after the other. */
export const inOrder = { concurrent: false } as const;
