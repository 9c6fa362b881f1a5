// What becomes of a host that is accepted.
import { describe, expect, it } from "vitest";
import type { HostFindings } from "../../../components/kubeadm/findings.ts";
import { chooseCriSocket } from "../../../components/kubeadm/requirements.ts";
import type { ClusterFacts, KnownNode } from "../../../components/kubeadm/verdict.ts";
import { containerd, crio, joined, judge, node, now, ours, owner } from "./found-hosts.ts";

const liar = { name: "w9", isEnrolled: false };
const enrolled = { name: "w7", isEnrolled: true };

describe("a host is joined", () => {
  it.each<[string, Partial<HostFindings>, Partial<ClusterFacts>]>([
    ["when it is clean", {}, {}],
    ["J-08a when it is clean and claimed by this stack", { marker: ours }, {}],
    ["H3 when a Node says that it is its machine, as any kubelet can", {}, { twins: [liar] }],
    [
      "H3 when it is claimed by this stack, whatever Nodes say",
      { marker: ours },
      { twins: [liar, enrolled] },
    ],
    ["J-C7 when it has cgroup v1 and nothing is said of that", { cgroupV2: false }, {}],
    ["when its kubelet is up to three minors older", { kubeletVersion: "v1.31.0" }, {}],
    ["when swap is on in a cluster whose kubelets tolerate it", { swap: true }, { swapAllowed: true }],
    ["when its clock is 30 s off", { clock: new Date(now.getTime() + 30_000) }, {}],
    [
      "J-C11 when docker has switched off the CRI plugin of a containerd that is not used",
      { criSilent: [containerd], criSockets: [crio] },
      {},
    ],
  ])("%s", (_, findings, more) => {
    expect(judge(findings, more)).toEqual({ kind: "join" });
  });
});

describe("H3 a host that is its Node by its own certificate", () => {
  it("is adopted, and reset and joined again, whatever other Nodes say", () => {
    const more = { node, twins: [liar, enrolled] };
    expect(judge({}, more, joined)).toEqual({ kind: "adopt" });
    expect(judge({ kubeletActive: false, marker: ours }, more, joined).kind).toBe("reset-then-join");
  });
});

describe("a host is adopted", () => {
  it.each<[string, Partial<HostFindings>, KnownNode]>([
    ["J-09 when it was joined by hand", {}, node],
    ["J-08c when it was joined by an interrupted run of this stack", { marker: ours }, { ...node, owner }],
    ["when its Node is not Ready at the moment", {}, { ...node, ready: false }],
    ["whatever it lacks for a new join", { kubeadmVersion: "v1.30.0", swap: true }, node],
  ])("%s", (_, findings, known) => {
    expect(judge(findings, { node: known }, joined)).toEqual({ kind: "adopt" });
  });

  it("not when its runtime cannot be found: nobody could reset it one day", () => {
    expect(judge({ criSockets: [] }, { node }, joined)).toEqual({
      kind: "refuse",
      reasons: [expect.stringContaining("no container runtime socket")],
    });
  });
});

describe("a host is reset and joined", () => {
  it.each<[string, Partial<HostFindings>, Partial<ClusterFacts>, readonly string[]]>([
    [
      "J-08b when kubeadm got as far as the bootstrap configuration",
      {
        files: ["/etc/kubernetes/bootstrap-kubelet.conf", "/etc/kubernetes/pki/ca.crt"],
        caHashes: ["sha256:ours"],
      },
      {},
      ["/etc/kubernetes/bootstrap-kubelet.conf", "/etc/kubernetes/pki/ca.crt"],
    ],
    [
      "when only the certificate authority is left",
      { files: ["/etc/kubernetes/pki/ca.crt"], caHashes: ["sha256:next"] },
      {},
      ["/etc/kubernetes/pki/ca.crt"],
    ],
    ["when a network plugin's link is left", { leftovers: ["link cni0"] }, {}, ["link cni0"]],
    [
      "when it was reset by hand and its Node is still there",
      {},
      { node },
      ["Node w1 of this machine in the API"],
    ],
    ["J-31 when its Node was deleted by hand", joined, {}, [...joined.files, "link cni0"]],
    [
      "when it is ours and registered itself again after its Node had been deleted",
      { ...joined, marker: ours },
      { node },
      [...joined.files, "link cni0", "Node w1 of this machine in the API"],
    ],
    [
      "when it is ours and its kubelet is stopped, as after an interrupted reset",
      { ...joined, kubeletActive: false, marker: ours },
      { node },
      [...joined.files, "link cni0", "Node w1 of this machine in the API"],
    ],
    [
      "when it is ours and its certificate has expired",
      { ...joined, nodeCertificate: { nodeName: "w1", expires: now }, marker: ours },
      { node },
      [...joined.files, "link cni0", "Node w1 of this machine in the API"],
    ],
    [
      "when its kubelet has registered under another name since",
      { ...joined, nodeCertificate: { nodeName: "old", expires: new Date("2027-01-01") } },
      { node },
      [...joined.files, "link cni0", "Node w1 of this machine in the API"],
    ],
  ])("%s", (_, findings, more, found) => {
    expect(judge(findings, more)).toEqual({ kind: "reset-then-join", found });
  });
});
describe("chooseCriSocket", () => {
  it("takes the one that the host joined with where that still serves, and what there is otherwise", () => {
    expect(chooseCriSocket([crio, containerd], containerd)).toBe(containerd);
    expect(chooseCriSocket([crio], containerd)).toBe(crio);
    expect(chooseCriSocket([])).toBeUndefined();
  });
});
