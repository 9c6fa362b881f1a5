// What a program says when it declares more nodes than this machine has memory for.
import * as pulumi from "@pulumi/pulumi";
import { expect, it, onTestFinished, vi } from "vitest";
import { runProgram } from "../support/component-mocks.ts";
import { hosts, programOf } from "./declared.ts";

/** Declares two pools of two hosts on a machine, or in a container, with so much memory; returns the warnings. */
async function warningsWith(bytes: number): Promise<string[]> {
  const memory = vi.spyOn(process, "constrainedMemory").mockReturnValue(bytes);
  const warned = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  onTestFinished(() => {
    for (const spy of [memory, warned]) spy.mockRestore();
  });
  await runProgram(programOf({ web: { hosts: hosts("w1", "w2") }, batch: { hosts: hosts("w3", "w4") } }));
  return warned.mock.calls.map(([text]) => text);
}

it("warns once, with the nodes of all pools", async () => {
  const warnings = await warningsWith(500e6);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/^the stack declares 4 nodes\. .* there are 0\.5 GB here/);
});

it.each([
  ["has enough", 8e9],
  ["has no limit of its own", 0],
])("says nothing where a container %s", async (_, bytes) => {
  expect(await warningsWith(bytes)).toEqual([]);
});
