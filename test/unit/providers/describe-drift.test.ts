// What a refresh says of a Node that changed behind the program's back.
import { describe, expect, it } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import { describeDrift } from "../../../components/providers/membership/read.ts";
import { machineId, membershipOutputs } from "../../support/provider-inputs.ts";

const info = {
  machineID: machineId,
  kubeletVersion: "v1.34.4",
  containerRuntimeVersion: "containerd://1.7.28",
};
const joined = membershipOutputs();
const seen = joined.observed ?? expect.fail("a membership in state has seen its Node");

interface Changes {
  spec?: object;
  nodeInfo?: object;
  ready?: string;
  troubles?: readonly string[];
  amounts?: object;
  annotations?: object;
}

function told(changes: Changes, before = joined) {
  const troubles = (changes.troubles ?? []).map((type) => ({ type, status: "True" }));
  const node = {
    metadata: { annotations: changes.annotations ?? {} },
    spec: changes.spec ?? {},
    status: {
      addresses: [{ type: "InternalIP", address: "192.0.2.1" }],
      conditions: [{ type: "Ready", status: changes.ready ?? "True" }, ...troubles],
      nodeInfo: { ...info, ...changes.nodeInfo },
      ...changes.amounts,
    },
  };
  return describeDrift(before, node as unknown as Node);
}

describe("the drift of a node", () => {
  it("J-38 is nothing for a Node that is as it was last seen", () => {
    expect(told({})).toEqual([]);
  });

  it("J-38 is a Node that is gone, and what the next run does about it", () => {
    expect(describeDrift(joined, undefined)).toEqual([
      'node "w1" is gone: the next `pulumi up` resets its host and joins it again',
    ]);
  });

  it("J-38 is a kubelet and a runtime of other versions, and a Ready that turned", () => {
    const nodeInfo = { kubeletVersion: "v1.34.5", containerRuntimeVersion: "containerd://2.0.0" };
    expect(told({ nodeInfo, ready: "Unknown" })).toEqual([
      'node "w1": Ready was True, is Unknown',
      'node "w1": kubelet was v1.34.4, is v1.34.5',
      'node "w1": runtime was containerd://1.7.28, is containerd://2.0.0',
    ]);
  });

  it("is pressure that came or went", () => {
    expect(told({ troubles: ["DiskPressure", "MemoryPressure"] })).toEqual([
      'node "w1": conditions was none, is MemoryPressure, DiskPressure',
    ]);
  });

  it("is a machine that has other amounts, one line each, and none that a kernel rounds otherwise", () => {
    const capacity = { cpu: "4", memory: "7.6Gi", "example.com/gpu": "1" };
    const before = membershipOutputs({ observed: { ...seen, capacity } });
    expect(
      told({ amounts: { capacity: { cpu: "4000m", memory: "7969000Ki", "example.com/gpu": "1" } } }, before),
    ).toEqual([]);
    expect(told({ amounts: { capacity: { cpu: "2", memory: "7969000Ki" } } }, before)).toEqual([
      'node "w1": capacity cpu was 4, is 2',
      'node "w1": capacity example.com/gpu was 1, is 0',
    ]);
  });

  it("is nothing that an older state has not seen", () => {
    const { conditions: _, ...older } = seen;
    const amounts = { capacity: { cpu: "4" } };
    expect(told({ troubles: ["DiskPressure"], amounts }, membershipOutputs({ observed: older }))).toEqual([]);
  });

  it("J-38 is another machine that registered under the name", () => {
    expect(told({ nodeInfo: { machineID: "other" } })).toEqual([
      `node "w1": registered by another machine: machine id other, joined was ${machineId}`,
    ]);
  });

  it("is a cordon that nobody declared, and that it is kept", () => {
    expect(told({ spec: { unschedulable: true } })).toEqual([
      'node "w1": cordoned outside of this stack; left as is. Uncordon it with kubectl, or declare it `state: cordoned`',
    ]);
  });

  it("is no cordon that is declared, nor one of a reboot that goes on", () => {
    const cordoned = { spec: { unschedulable: true } } as Node;
    const declared = membershipOutputs({ schedulable: false });
    expect(describeDrift({ ...declared, observed: null }, cordoned)).toEqual([]);
    const mark = JSON.stringify({ trigger: "1", bootId: "boot-1", uncordon: true, down: false });
    expect(told({ ...cordoned, annotations: { "nodepools.local/rebooting": mark } })).toEqual([]);
  });
});
