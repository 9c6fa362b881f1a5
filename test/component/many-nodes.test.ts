// What a stack of fifty nodes asks the engine for. A thousand: `npm run bench -- scale`.
import { expect, it } from "vitest";
import { measureProgram, type RequestSize } from "../support/component-mocks.ts";
import { hosts, programOf } from "./declared.ts";

const names = Array.from({ length: 50 }, (_, at) => `w${at + 1}`);

it("has four resources for each node, which are as small with fifty nodes as with two", async () => {
  const measure = (...all: string[]) => measureProgram(programOf({ workers: { hosts: hosts(...all) } }));
  const requests = await measure(...names);
  const ofNodes = requests.filter(({ name }) => names.includes(name));
  expect(ofNodes).toHaveLength(4 * names.length);
  const bytesOf = (node: string, all: readonly RequestSize[]) =>
    all.filter(({ name }) => name === node).reduce((sum, { bytes }) => sum + bytes, 0);
  expect(bytesOf("w2", requests)).toBeLessThan(4500);
  const few = await measure("w1", "w2");
  expect(Math.abs(bytesOf("w2", requests) - bytesOf("w2", few))).toBeLessThan(10);
});

it("has the place in the program's code with what the program declares, and with no node", async () => {
  const requests = await measureProgram(programOf({ workers: { hosts: hosts("w1") } }));
  const placed = requests.filter(({ hasPlace }) => hasPlace).map(({ type }) => type.split(":").at(-1));
  expect(placed.sort()).toEqual(["Cluster", "NodePool", "Roster"]);
});
