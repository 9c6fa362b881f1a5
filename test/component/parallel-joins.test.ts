// How many hosts the engine is asked for at once: a host waits for its turn before its enrollment is registered.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { Cluster, NodePool } from "../../components/index.ts";
import { JoinSlots } from "../../components/join-slots.ts";
import { runProgram } from "../support/component-mocks.ts";
import { hosts, privateKey } from "./declared.ts";

/** Tells of each host when its enrollment is registered and when its join has been answered, in this order. */
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
      await sleep(5);
      if (type.endsWith(":Command")) told.push(`-${name}`);
    },
  );
  return told;
}

function mostAtOnce(told: readonly string[]): number {
  const counts = told.map((_, at) => {
    const begun = told.slice(0, at + 1);
    return (
      begun.filter((line) => line.startsWith("+")).length -
      begun.filter((line) => line.startsWith("-")).length
    );
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

it("J-04 ten at a time when nothing is said", async () => {
  const names = Array.from({ length: 12 }, (_, at) => `w${at + 1}`);
  expect(mostAtOnce(await joinAll(undefined, names))).toBe(10);
});
