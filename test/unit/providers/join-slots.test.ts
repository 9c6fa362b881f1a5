// The cap on joins that run at once, with a clock that the test turns.
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { JoinSlots } from "../../../components/providers/join-slots.ts";

function startClock() {
  let now = 0;
  let alarms: { at: number; call: () => void }[] = [];
  return {
    timer: (milliseconds: number, call: () => void) => {
      const alarm = { at: now + milliseconds, call };
      alarms.push(alarm);
      return () => {
        alarms = alarms.filter((other) => other !== alarm);
      };
    },
    pass: async (milliseconds: number) => {
      now += milliseconds;
      const due = alarms.filter(({ at }) => at <= now);
      alarms = alarms.filter(({ at }) => at > now);
      for (const { call } of due) call();
      await turn();
    },
  };
}

/** Slots with a limit of two, and a record of who got one and of what the others wait for. */
function startSlots(limit = 2) {
  const clock = startClock();
  const slots = new JoinSlots(clock.timer);
  const admitted: string[] = [];
  const waits: string[] = [];
  const take = async (node: string) => {
    await slots.take(node, limit, (holders) => waits.push(`${node} for ${holders.join("+")}`));
    admitted.push(node);
  };
  const takeAll = async (...nodes: string[]) => {
    // The test looks at who was admitted; who is still waiting at its end stays so.
    for (const node of nodes) take(node).catch(() => undefined);
    await turn();
  };
  const giveBack = async (node: string) => {
    slots.giveBack(node);
    await turn();
  };
  return { clock, admitted, waits, takeAll, giveBack };
}

describe("join slots", () => {
  it("E04 let as many join as the limit says, and tell the others whom they wait for", async () => {
    const { admitted, waits, takeAll } = startSlots();
    await takeAll("w1", "w2", "w3", "w4");
    expect(admitted).toEqual(["w1", "w2"]);
    expect(waits).toEqual(["w3 for w1+w2", "w3 for w1+w2", "w4 for w1+w2"]);
  });

  it("E04 go to the others in their order when they are given back", async () => {
    const { admitted, waits, takeAll, giveBack } = startSlots();
    await takeAll("w1", "w2", "w3", "w4");
    waits.length = 0;
    await giveBack("w2");
    expect(admitted).toEqual(["w1", "w2", "w3"]);
    expect(waits).toEqual(["w4 for w1+w3"]);
    await giveBack("w1");
    expect(admitted).toEqual(["w1", "w2", "w3", "w4"]);
  });

  it("end after three minutes, because a failed join command tells nobody", async () => {
    const { clock, admitted, takeAll } = startSlots(1);
    await takeAll("w1", "w2");
    await clock.pass(179_999);
    expect(admitted).toEqual(["w1"]);
    await clock.pass(1);
    expect(admitted).toEqual(["w1", "w2"]);
  });

  it("are not ended by the clock of an earlier slot of the same node", async () => {
    const { clock, admitted, takeAll, giveBack } = startSlots(1);
    await takeAll("w1");
    await clock.pass(100_000);
    await giveBack("w1");
    await takeAll("w1", "w2");
    await clock.pass(100_000);
    expect(admitted).toEqual(["w1", "w1"]);
    await clock.pass(80_000);
    expect(admitted).toEqual(["w1", "w1", "w2"]);
  });

  it("are not freed by a node that has none", async () => {
    const { admitted, takeAll, giveBack } = startSlots(1);
    await takeAll("w1", "w2");
    await giveBack("adopted");
    await giveBack("w2");
    expect(admitted).toEqual(["w1"]);
  });
});
