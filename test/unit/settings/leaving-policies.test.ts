import { expect, it } from "vitest";
import { readLeavingPolicies } from "../../../components/settings/leaving-policies.ts";

const hosts = ["w1", "w2", "w3"].map((name, at) => ({ name, address: `192.0.2.${at + 1}` }));

it("reads how each pool lets nodes leave, defaults filled in and percents resolved for its members", () => {
  const pools = [
    { name: "a", hosts, maxUnavailable: "50%", drain: { timeoutSeconds: 30, force: true } },
    { name: "b", count: 0, hosts: [] },
  ];
  expect([...readLeavingPolicies(JSON.stringify(pools))]).toEqual([
    ["a", { drain: { timeoutSeconds: 30, deleteEmptyDirData: false, force: true }, maxUnavailable: 2 }],
    [
      "b",
      {
        drain: { timeoutSeconds: 600, deleteEmptyDirData: false, force: false },
        maxUnavailable: expect.any(Number),
      },
    ],
  ]);
});

it("reads the policies of hosts that differ, also of a spare one and of one beyond count", () => {
  const [w1, w2, w3] = hosts;
  const listed = [
    w1,
    { ...w2, state: "spare", drain: { force: true } },
    { ...w3, drain: { timeoutSeconds: 60 } },
  ];
  const [[, policy] = []] = readLeavingPolicies(JSON.stringify([{ name: "a", count: 1, hosts: listed }]));
  const drain = { timeoutSeconds: 600, deleteEmptyDirData: false, force: false };
  expect(policy).toStrictEqual({
    drain,
    maxUnavailable: 1,
    hostDrains: { w2: { ...drain, force: true }, w3: { ...drain, timeoutSeconds: 60 } },
  });
});

it.each([undefined, "", "[]", '{"name":', '[{"name":"a"}]'])("reads nothing from %j", (value) => {
  expect(readLeavingPolicies(value).size).toBe(0);
});
