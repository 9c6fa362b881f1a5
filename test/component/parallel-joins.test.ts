// How many hosts the engine is asked for at once: a host waits for its turn before its resources are registered.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { Cluster, NodePool } from "../../components/index.ts";
import { JoinSlots } from "../../components/join-slots.ts";
import { runProgram } from "../support/component-mocks.ts";
import { hosts, privateKey } from "./declared.ts";

/** Tells of each host when its enrollment and its join are registered and when the join has been answered, in this order. */
async function joinAll(parallelJoins: number | undefined, names: readonly string[]): Promise<string[]> {
  const told: string[] = [];
  await runProgram(
    () => {
      const cluster = new Cluster("dev", {
        credentials: { privateKey },
        ...(parallelJoins && { parallelJoins }),
      });
      new NodePool("workers", { cluster, hosts: hosts(...names) });
    },
    async ({ type, name }) => {
      if (type.endsWith(":HostEnrollment")) told.push(`+${name}`);
      if (type.endsWith(":Command")) told.push(`>${name}`);
      await sleep(5);
      if (type.endsWith(":Command")) told.push(`-${name}`);
    },
  );
  return told;
}

/** How many hosts were at work at once, from `begin` on. */
function mostAtOnce(told: readonly string[], begin: "+" | ">" = "+"): number {
  const counts = told.map((_, at) => {
    const lines = told.slice(0, at + 1);
    const count = (mark: string) => lines.filter((line) => line.startsWith(mark)).length;
    return count(begin) - count("-");
  });
  return Math.max(...counts);
}

it("J-04 two at a time with parallelJoins 2, in the order of the list", async () => {
  const told = await joinAll(2, ["w1", "w2", "w3", "w4", "w5"]);
  expect(mostAtOnce(told)).toBe(2);
  expect(told.filter((line) => line.startsWith("+"))).toEqual(["+w1", "+w2", "+w3", "+w4", "+w5"]);
});

it.each([0, 1.5])("refuses %d as parallelJoins", (parallelJoins) => {
  const text = `parallelJoins: ${parallelJoins} is not a whole number of joins; allowed: 1 or more`;
  expect(() => new JoinSlots(parallelJoins)).toThrow(text);
});

it("J-04 ten at a time when nothing is said, while two more are enrolled", async () => {
  const names = Array.from({ length: 16 }, (_, at) => `w${at + 1}`);
  const told = await joinAll(undefined, names);
  expect([mostAtOnce(told, ">"), mostAtOnce(told)]).toEqual([10, 12]);
  expect(told.filter((line) => line.startsWith("-"))).toHaveLength(names.length);
});
