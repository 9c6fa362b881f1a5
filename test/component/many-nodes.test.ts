// What a stack of fifty nodes asks the engine for. A thousand: `npm run bench -- scale`.
import { expect, it } from "vitest";
import { declare, hosts } from "./declared.ts";

const names = Array.from({ length: 50 }, (_, at) => `w${at + 1}`);

it("has four resources for each node, which are as small with fifty nodes as with two", async () => {
  const registrations = await declare({ workers: { hosts: hosts(...names) } });
  const ofNodes = registrations.filter(({ name }) => names.includes(name));
  expect(ofNodes).toHaveLength(4 * names.length);
  const ofFew = await declare({ workers: { hosts: hosts("w1", "w2") } });
  const bytesOf = (node: string, all: typeof registrations) =>
    all.filter(({ name }) => name === node).reduce((sum, { bytes }) => sum + bytes, 0);
  expect(bytesOf("w2", registrations)).toBeLessThan(4500);
  expect(Math.abs(bytesOf("w2", registrations) - bytesOf("w2", ofFew))).toBeLessThan(10);
});

it("has the place in the program's code with what the program declares, and with no node", async () => {
  const registrations = await declare({ workers: { hosts: hosts("w1") } });
  const placed = registrations.filter(({ hasPlace }) => hasPlace).map(({ type }) => type.split(":").at(-1));
  expect(placed.sort()).toEqual(["Cluster", "NodePool", "Roster"]);
});
