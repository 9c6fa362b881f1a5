// Which hosts of a pool are its members.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostStates, isEligible, selectMembers } from "../../../components/model/host.ts";

const host = fc.record({ name: fc.string(), state: fc.constantFrom(...hostStates) });
const hosts = fc.array(host, { maxLength: 20 });
const count = fc.option(fc.nat(25), { nil: undefined });

describe("selectMembers", () => {
  const declared = [
    { name: "w1", state: "active" },
    { name: "w2", state: "spare" },
    { name: "w3", state: "cordoned" },
    { name: "w4", state: "active" },
  ] as const;

  it.each([
    [undefined, ["w1", "w3", "w4"]],
    [0, []],
    [2, ["w1", "w3"]],
    [9, ["w1", "w3", "w4"]],
  ])("takes the first %s eligible hosts in list order", (wanted, names) => {
    expect(selectMembers(declared, wanted).map(({ name }) => name)).toEqual(names);
  });

  it("tells for every state whether it may be a member", () => {
    expect(hostStates.filter(isEligible)).toEqual(["active", "cordoned", "maintenance"]);
  });

  it("never takes a spare or lost host, keeps the order, and takes as many as it can", () => {
    fc.assert(
      fc.property(hosts, count, (list, wanted) => {
        const eligible = list.filter(({ state }) => state !== "spare" && state !== "lost");
        const members = selectMembers(list, wanted);
        expect(members).toEqual(eligible.slice(0, members.length));
        expect(members.length).toBe(Math.min(wanted ?? eligible.length, eligible.length));
      }),
    );
  });

  it("keeps all former members when the count grows or hosts are appended", () => {
    fc.assert(
      fc.property(hosts, fc.nat(25), fc.nat(5), hosts, (list, wanted, more, appended) => {
        const before = selectMembers(list, wanted);
        const after = selectMembers([...list, ...appended], wanted + more);
        expect(after.slice(0, before.length)).toEqual(before);
      }),
    );
  });
});
