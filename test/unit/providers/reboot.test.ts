// When a host is rebooted, what a rerun goes on with, and when the machine counts as back.
import { describe, expect, it } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import { hashTrigger, type RebootMark } from "../../../components/model/mark-values.ts";
import { wantsReboot } from "../../../components/model/roster.ts";
import { missingAfterReboot, planMark } from "../../../components/providers/membership/reboot.ts";
import { markLabels } from "../../support/marks.ts";

type NodeInfo = NonNullable<NonNullable<Node["status"]>["nodeInfo"]>;

function node(more: { mark?: RebootMark; bootId?: string; cordoned?: boolean; ready?: string } = {}): Node {
  const { mark, bootId = "boot-1", cordoned = false, ready = "True" } = more;
  return {
    metadata: {
      name: "w1",
      labels: markLabels({ reboot: mark }),
    },
    spec: { unschedulable: cordoned },
    status: { nodeInfo: { bootID: bootId } as NodeInfo, conditions: [{ type: "Ready", status: ready }] },
  };
}

describe("a rebootTrigger", () => {
  it.each([
    ["that is new", undefined, "1", true],
    ["that has changed", "1", "2", true],
    ["that is the same", "1", "1", false],
    ["that is removed", "1", undefined, false],
    ["that never was", undefined, undefined, false],
  ])("%s", (_what, before, after, wanted) => {
    const declared = (rebootTrigger?: string) => (rebootTrigger === undefined ? {} : { rebootTrigger });
    expect(wantsReboot(declared(before), declared(after))).toBe(wanted);
  });
});

describe("the mark of a reboot", () => {
  const mark: RebootMark = { trigger: hashTrigger("2"), bootId: "boot-0", uncordon: true, down: true };

  it("begins with the boot that is to end, and with whose cordon it is", () => {
    const begun = { trigger: hashTrigger("2"), bootId: "boot-1", down: false };
    expect(planMark(node(), "2")).toEqual({ ...begun, uncordon: true });
    expect(planMark(node({ cordoned: true }), "2")).toEqual({ ...begun, uncordon: false });
  });

  it("is gone on with by the same trigger: the machine may be back already", () => {
    expect(planMark(node({ mark, cordoned: true }), "2")).toEqual(mark);
  });

  it("of another trigger leaves its cordon to the new one, which asks for a boot of its own", () => {
    const next = { trigger: hashTrigger("3"), bootId: "boot-1", uncordon: true, down: false };
    expect(planMark(node({ mark, cordoned: true }), "3")).toEqual(next);
  });

  it("says that the cordon is ours once somebody has lifted the one that was there", () => {
    expect(planMark(node({ mark: { ...mark, uncordon: false } }), "2")).toEqual(mark);
  });
});

describe("a rebooted machine is back", () => {
  it.each([
    ["with another boot id and Ready", node({ bootId: "boot-2" }), []],
    ["not while it shows its former boot", node(), ["still the former boot"]],
    ["not before it is Ready", node({ bootId: "boot-2", ready: "Unknown" }), ["Ready is Unknown"]],
  ])("%s", (_what, seen, missing) => {
    expect(missingAfterReboot(seen, "boot-1")).toEqual(missing);
  });
});
