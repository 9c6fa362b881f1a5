// An API server that goes away while the CLI runs, and what is expected once it is back.
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { setApiServer } from "../../lab/control-plane/api-server.ts";
import type { LabStack, PulumiRun } from "../../lab/stack.ts";
import { fails, succeeds } from "./pulumi-run.ts";
import { hosts, lab, mintedTokens, nodes, readyNodes } from "./test-lab.ts";

/** What a restart takes beside the time in which the API server starts, which is as long again. */
const restartSeconds = 4;

/** Comes back after a while, however long what waits for it takes to begin. */
export async function comeBack(): Promise<void> {
  await sleep(restartSeconds * 1000);
  await setApiServer(lab, "serving");
}

/** Waits for a run that has to fail while the API server is down, then until it is up again; returns what it said. */
export async function failsMeanwhile(up: Promise<PulumiRun>, seconds: number): Promise<string> {
  const start = Date.now();
  try {
    const run = await fails(up);
    expect(Date.now() - start).toBeLessThan(seconds * 1000);
    return run.text;
  } finally {
    await setApiServer(lab, "serving");
  }
}

/** Counts the errors in the diagnostics of a run, beside the stack's own. */
export function errorCount(text: string): number {
  const [, diagnostics = ""] = text.split("Diagnostics:");
  return diagnostics.match(/^ {4}error: (?!update failed)/gm)?.length ?? 0;
}

/** Declares a pool of the first `count` of four hosts. */
export function declareFirst(stack: LabStack, count: number, others: object = {}): void {
  const limits = { readyTimeoutSeconds: 180, drain: { timeoutSeconds: 30 } };
  stack.declare([{ name: "workers", count, ...limits, ...others, hosts: hosts(4) }]);
}

/** Expects these nodes, Ready and schedulable, and nothing left over. */
export async function expectSettled(stack: LabStack, ...names: readonly string[]): Promise<void> {
  expect(await readyNodes()).toEqual(names);
  expect([...(await nodes()).keys()].sort()).toEqual(names);
  expect(await mintedTokens()).toEqual([]);
  await succeeds(stack.isSettled());
}
