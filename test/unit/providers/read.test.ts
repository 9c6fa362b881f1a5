// What a refresh puts into state: the Node's own values, for the keys that the program owns.
import { expect, it } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import { seenProps } from "../../../components/providers/membership/read.ts";
import { machineId, membershipOutputs, owner } from "../../support/provider-inputs.ts";

const declared = membershipOutputs({
  labels: { tier: "general", zone: "a" },
  annotations: { note: "x" },
  taints: [
    { key: "dedicated", value: "batch", effect: "NoSchedule" },
    { key: "gpu", effect: "NoExecute" },
  ],
});

function seen(node: Pick<Node, "metadata" | "spec">) {
  const status = {
    addresses: [
      { type: "Hostname", address: "w1" },
      { type: "InternalIP", address: "192.0.2.1" },
    ],
    conditions: [{ type: "Ready", status: "True" }],
    nodeInfo: {
      machineID: machineId,
      kubeletVersion: "v1.34.4",
      containerRuntimeVersion: "containerd://1.7.28",
    },
  };
  return seenProps(declared, { ...node, status } as Node);
}

const asDeclared: Pick<Node, "metadata" | "spec"> = {
  metadata: {
    uid: "uid-1",
    // A name that every JavaScript object has a value for.
    labels: { tier: "general", zone: "a", foreign: "x", constructor: "x" },
    annotations: {
      note: "x",
      foreign: "y",
      constructor: "y",
      "nodepools.local/owner": owner,
      "nodepools.local/pool": "workers",
    },
  },
  spec: {
    taints: [
      { key: "foreign", effect: "NoSchedule" },
      { key: "gpu", effect: "NoExecute" },
      { key: "dedicated", value: "batch", effect: "NoSchedule" },
    ],
  },
};

it("repeats the state for a Node that is as declared, foreign keys left out and the order kept", () => {
  expect(seen(asDeclared)).toStrictEqual(declared);
});

it("reports owned keys that were changed or removed by hand", () => {
  const { labels, annotations, taints, pool } = seen({
    metadata: { labels: { tier: "other" }, annotations: { note: "y" } },
    spec: { taints: [{ key: "dedicated", value: "other", effect: "NoSchedule" }] },
  });
  expect({ labels, annotations, taints, pool }).toStrictEqual({
    labels: { tier: "other" },
    annotations: { note: "y" },
    taints: [{ key: "dedicated", effect: "NoSchedule", value: "other" }],
    pool: "",
  });
});

it("tells taints of the same key apart by their effect", () => {
  const { taints } = seen({ spec: { taints: [{ key: "gpu", effect: "NoSchedule" }] } });
  expect(taints).toStrictEqual([]);
});

it("reports that a declared cordon was lifted by hand", () => {
  const scheduledAs = (unschedulable: boolean) =>
    seenProps({ ...declared, schedulable: false }, { spec: { unschedulable } }).schedulable;
  expect([scheduledAs(true), scheduledAs(false)]).toEqual([false, true]);
});

it("observes a cordon without taking it for a declaration", () => {
  const props = seen({ ...asDeclared, spec: { ...asDeclared.spec, unschedulable: true } });
  expect([props.observed?.schedulable, props.schedulable]).toEqual([false, true]);
});
