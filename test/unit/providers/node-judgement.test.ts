// When a Node is ready, whose it is, and what failing pods say.
import { describe, expect, it } from "vitest";
import type { Node, Pod } from "../../../components/kube/api.ts";
import { hashOwner } from "../../../components/model/mark-values.ts";
import { type Identity, identify } from "../../../components/providers/identity.ts";
import { describeFailingPod, missingForReady } from "../../../components/providers/membership/ready.ts";
import { markLabels } from "../../support/marks.ts";
import { machineId, owner } from "../../support/provider-inputs.ts";

describe("missingForReady", () => {
  const readyNode = (conditions: [string, string, string?][], ...taints: string[]): Node => ({
    spec: { taints: taints.map((key) => ({ key, effect: "NoSchedule" })) },
    status: {
      conditions: conditions.map(([type, status, message]) => ({
        type,
        status,
        ...(message !== undefined && { message }),
      })),
    },
  });

  it.each<[string, Node, string[]]>([
    ["a Node that is Ready", readyNode([["Ready", "True", "kubelet is ready"]]), []],
    ["a Node without a status", {}, ["Ready is Unknown"]],
    [
      "a Node without network",
      readyNode([["Ready", "False", "cni plugin not initialized"]], "node.kubernetes.io/not-ready"),
      ["Ready is False (cni plugin not initialized)", "taint node.kubernetes.io/not-ready"],
    ],
    [
      "a Node under pressure",
      readyNode([
        ["MemoryPressure", "True"],
        ["DiskPressure", "True"],
        ["PIDPressure", "True"],
        ["NetworkUnavailable", "True"],
        ["Ready", "True"],
      ]),
      ["MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"],
    ],
    [
      "a Node without pressure",
      readyNode([
        ["MemoryPressure", "False"],
        ["DiskPressure", "Unknown"],
        ["Ready", "True"],
      ]),
      [],
    ],
    [
      "a Node with every starting taint",
      readyNode(
        [["Ready", "True"]],
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
        "node.kubernetes.io/network-unavailable",
        "node.cloudprovider.kubernetes.io/uninitialized",
      ),
      [
        "taint node.kubernetes.io/not-ready",
        "taint node.kubernetes.io/unreachable",
        "taint node.kubernetes.io/network-unavailable",
        "taint node.cloudprovider.kubernetes.io/uninitialized",
      ],
    ],
    [
      "a cordoned Node with taints of its own",
      readyNode([["Ready", "True"]], "node.kubernetes.io/unschedulable", "dedicated"),
      [],
    ],
  ])("%s", (_what, node, missing) => {
    expect(missingForReady(node)).toEqual(missing);
  });
});

describe("whose a Node is", () => {
  const nodeOf = (machineID: string | undefined, annotations: Record<string, string>) =>
    ({
      metadata: { annotations },
      ...(machineID !== undefined && { status: { nodeInfo: { machineID } } }),
    }) as Node;
  const stamp = (who: string) => ({ "nodepools.local/owner": who });
  const foreign = (reason: string): Identity => ({ kind: "foreign", reason });
  const others = foreign("it belongs to stack acme/x/y");
  const guardedNode = (machineID: string, who: string, annotations: Record<string, string> = {}) =>
    ({
      ...nodeOf(machineID, annotations),
      metadata: { annotations, labels: markLabels({ owner: who }) },
    }) as Node;

  it.each<[string, Node | undefined, Identity]>([
    ["our machine with our stamp", nodeOf(machineId, stamp(owner)), { kind: "ours" }],
    ["our machine, not stamped yet", nodeOf(machineId, {}), { kind: "unstamped" }],
    ["our machine with another stamp", nodeOf(machineId, stamp("acme/x/y")), others],
    [
      "another machine with our stamp",
      nodeOf("ffff", stamp(owner)),
      foreign(`it is another machine now (machine-id ffff, ours was ${machineId})`),
    ],
    [
      "a Node that no kubelet has reported",
      nodeOf(undefined, stamp(owner)),
      foreign(`it is another machine now (machine-id none, ours was ${machineId})`),
    ],
    [
      "our machine, with another stamp in an annotation only",
      guardedNode(machineId, owner, stamp("acme/x/y")),
      { kind: "ours" },
    ],
    [
      "our machine with another stamp, and ours in an annotation only",
      guardedNode(machineId, "acme/x/y", stamp(owner)),
      foreign(`it belongs to stack with stamp ${hashOwner("acme/x/y")}`),
    ],
    [
      "our machine with another stamp and its name",
      guardedNode(machineId, "acme/x/y", stamp("acme/x/y")),
      others,
    ],
    ["no Node", undefined, { kind: "absent" }],
  ])("%s", (_what, node, identity) => {
    expect(identify(node, { machineId, owner })).toEqual(identity);
  });

  it.each<[string, Node, Identity]>([
    ["our stamp", nodeOf("ffff", stamp(owner)), { kind: "ours" }],
    ["another stamp", nodeOf("ffff", stamp("acme/x/y")), others],
    ["no stamp", nodeOf("ffff", {}), { kind: "unstamped" }],
  ])("is told by the stamp alone where no machine is known: %s", (_what, node, identity) => {
    expect(identify(node, { owner })).toEqual(identity);
  });
});

describe("describeFailingPod", () => {
  const waiting = (reason?: string, message?: string) => ({
    name: "main",
    state: { waiting: { ...(reason && { reason }), ...(message && { message }) } },
  });
  const podWith = (status: unknown) =>
    ({ metadata: { namespace: "kube-system", name: "cni-x" }, status }) as Pod;

  it.each<[string, unknown, string | undefined]>([
    ["running", { phase: "Running", containerStatuses: [{ state: { running: {} } }] }, undefined],
    ["succeeded", { phase: "Succeeded" }, undefined],
    ["pending without containers", { phase: "Pending" }, "pod kube-system/cni-x: Pending"],
    ["failed", { phase: "Failed" }, "pod kube-system/cni-x: Failed"],
    ["without a status", undefined, "pod kube-system/cni-x: Unknown"],
    [
      "running but crashing",
      { phase: "Running", containerStatuses: [waiting("CrashLoopBackOff", "back-off 10s")] },
      "pod kube-system/cni-x: CrashLoopBackOff (back-off 10s)",
    ],
    [
      "pending for an image",
      { phase: "Pending", containerStatuses: [waiting("ErrImagePull")] },
      "pod kube-system/cni-x: ErrImagePull",
    ],
    [
      "held by an init container",
      {
        phase: "Pending",
        initContainerStatuses: [waiting("CreateContainerError")],
        containerStatuses: [waiting("PodInitializing")],
      },
      "pod kube-system/cni-x: CreateContainerError",
    ],
    [
      "waiting without a reason",
      { phase: "Pending", containerStatuses: [waiting()] },
      "pod kube-system/cni-x: Pending",
    ],
  ])("%s", (_what, status, text) => {
    expect(describeFailingPod(podWith(status))).toBe(text);
  });
});
