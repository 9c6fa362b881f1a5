import { expect, it } from "vitest";
import { readDeclaredRoster } from "../../../components/settings/declared-roster.ts";

const hosts = ["w1", "w2", "w3"].map((name, at) => ({ name, address: `192.0.2.${at + 1}` }));
const rosterOf = (pools: unknown) => readDeclaredRoster({ pools, problems: [] });

it("reads how each pool lets nodes leave, defaults filled in and percents resolved for its members", () => {
  const pools = [
    { name: "a", hosts, maxUnavailable: "50%", drain: { timeoutSeconds: 30, force: true } },
    { name: "b", count: 0, hosts: [] },
  ];
  expect(rosterOf(pools)?.pools).toEqual([
    {
      name: "a",
      drain: { timeoutSeconds: 30, deleteEmptyDirData: false, force: true },
      maxUnavailable: 2,
    },
    {
      name: "b",
      drain: { timeoutSeconds: 600, deleteEmptyDirData: false, force: false },
      maxUnavailable: expect.any(Number),
    },
  ]);
});

it("reads the policies of hosts that differ, also of a spare one and of one beyond count", () => {
  const [w1, w2, w3] = hosts;
  const listed = [
    w1,
    { ...w2, state: "spare", drain: { force: true } },
    { ...w3, drain: { timeoutSeconds: 60 } },
  ];
  const [policy] = rosterOf([{ name: "a", count: 1, hosts: listed }])?.pools ?? [];
  const drain = { timeoutSeconds: 600, deleteEmptyDirData: false, force: false };
  expect(policy).toStrictEqual({
    name: "a",
    drain,
    maxUnavailable: 1,
    hostDrains: { w2: { ...drain, force: true }, w3: { ...drain, timeoutSeconds: 60 } },
  });
});

it("reads the members as the program declares them, and which hosts are lost", () => {
  const listed = [
    { ...hosts[0], state: "maintenance", rebootTrigger: "1" },
    { ...hosts[1], state: "lost", rejoinTrigger: "2" },
    { ...hosts[2], taints: [{ key: "a", effect: "NoExecute" }] },
    { name: "w4", address: "192.0.2.4" },
  ];
  const roster = rosterOf([{ name: "a", count: 2, hosts: listed }]);
  expect(roster?.members).toStrictEqual([
    { node: "w1", pool: "a", rejoinTrigger: "", rebootTrigger: "1", maintenance: true },
    { node: "w3", pool: "a", rejoinTrigger: "", noExecute: [{ key: "a", effect: "NoExecute" }] },
  ]);
  expect(roster?.lost).toEqual([{ node: "w2", rejoinTrigger: "2" }]);
});

it.each([undefined, "", '{"name":', [{ name: "a" }]])("reads nothing from %j", (pools) => {
  expect(rosterOf(pools)).toBeUndefined();
});

it("reads nothing of pools whose files are wrong: a pool without its hosts would be one that all nodes leave", () => {
  const problems = [{ path: ["pools", 0, "hostsFile"], text: "gone" }];
  expect(readDeclaredRoster({ pools: [{ name: "a", hosts: [] }], problems })).toBeUndefined();
});
