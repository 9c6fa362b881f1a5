// Which drain policy a node leaves by.
import { describe, expect, it } from "vitest";
import {
  leavingPolicy,
  mergeDrain,
  type PoolPolicy,
  poolPolicy,
} from "../../../components/model/pool-policy.ts";

const drain = { timeoutSeconds: 600, deleteEmptyDirData: false, force: false };
const rule = (name: string) => ({ name, action: "skip" as const });

describe("a host's override", () => {
  it("wins field by field over its pool's policy", () => {
    const pool = { ...drain, gracePeriodSeconds: 30, onFailure: "restore" as const };
    expect(
      mergeDrain(pool, { timeoutSeconds: 900, onFailure: "leaveCordoned", podSelector: "a" }),
    ).toStrictEqual({
      timeoutSeconds: 900,
      gracePeriodSeconds: 30,
      deleteEmptyDirData: false,
      force: false,
      onFailure: "leaveCordoned",
      podSelector: "a",
    });
  });

  it("replaces the whole list of rules, also by none", () => {
    const pool = { ...drain, rules: [rule("a"), rule("b")] };
    expect(mergeDrain(pool, { rules: [rule("c")] }).rules).toEqual([rule("c")]);
    expect(mergeDrain(pool, { rules: [] }).rules).toEqual([]);
    expect(mergeDrain(pool, { force: true }).rules).toEqual([rule("a"), rule("b")]);
  });

  it("is nothing for most hosts", () => {
    expect(mergeDrain(drain, undefined)).toStrictEqual(drain);
  });
});

describe("the policy of a pool", () => {
  it("names the hosts that differ, members or not", () => {
    const hosts = [{ name: "w1" }, { name: "w2", drain: { force: true } }];
    expect(poolPolicy({ drain, maxUnavailable: 1 }, hosts)).toStrictEqual({
      drain,
      maxUnavailable: 1,
      hostDrains: { w2: { ...drain, force: true } },
    });
  });

  it("has no new field when no host differs, so that older states show no change", () => {
    expect(poolPolicy({ drain, maxUnavailable: 1 }, [{ name: "w1" }])).toStrictEqual({
      drain,
      maxUnavailable: 1,
    });
  });
});

describe("a leaving node", () => {
  const forced = { ...drain, force: true };
  const declared = new Map<string, PoolPolicy>([
    ["workers", { drain, maxUnavailable: 2, hostDrains: { w1: forced } }],
    ["batch", { drain: { ...drain, timeoutSeconds: 60 }, maxUnavailable: 1 }],
  ]);

  it.each([
    ["its host's policy when that is still listed", "w1", "workers", { drain: forced, maxUnavailable: 2 }],
    ["its pool's when its entry is gone", "w9", "workers", { drain, maxUnavailable: 2 }],
    [
      "its host's from another pool's list, at its own pool's pace",
      "w1",
      "batch",
      { drain: forced, maxUnavailable: 1 },
    ],
    [
      "its host's from another pool's list when its own is gone",
      "w1",
      "gone",
      { drain: forced, maxUnavailable: 2 },
    ],
    ["none when its pool is gone", "w9", "gone", undefined],
    [
      "its pool's when it is called as something that objects inherit",
      "constructor",
      "workers",
      { drain, maxUnavailable: 2 },
    ],
  ])("leaves by %s", (_what, node, pool, policy) => {
    expect(leavingPolicy(node, pool, declared)).toEqual(policy);
  });
});
