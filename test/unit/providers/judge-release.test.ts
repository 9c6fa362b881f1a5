import { describe, expect, it } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import type { HostFindings } from "../../../components/kubeadm/findings.ts";
import type { EnrollmentOutputs } from "../../../components/providers/enrollment/state.ts";
import { judgeRelease } from "../../../components/providers/judge-release.ts";

const owner = "acme/nodepools/prod";

const enrolled: EnrollmentOutputs = {
  schema: 1,
  node: "w1",
  owner,
  host: { address: "192.0.2.11", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" },
  rejoinTrigger: "",
  registration: { labels: {}, taints: [] },
  __urn: "urn",
  machineId: "m1",
  criSocket: "unix:///run/containerd/containerd.sock",
  tokenId: "",
  joinConfiguration: "",
};

type Findings = { readonly [Field in keyof HostFindings]?: HostFindings[Field] | undefined };

function found(others: Findings): HostFindings {
  const marker = { owner, cluster: "sha256:ours", node: "w1" };
  const criSockets = ["unix:///run/containerd/containerd.sock"];
  const files = ["/etc/kubernetes/kubelet.conf"];
  return { machineId: "m1", caHashes: ["sha256:ours"], marker, criSockets, files, ...others } as HostFindings;
}

function node(name: string, machineID: string, stamp?: string): Node {
  const annotations = stamp === undefined ? {} : { "nodepools.local/owner": stamp };
  return { metadata: { name, annotations }, status: { nodeInfo: { machineID } } } as unknown as Node;
}

function judge(findings: Findings, nodes: readonly Node[]) {
  return judgeRelease(enrolled, found(findings), nodes, ["sha256:ours", "sha256:next"]);
}

describe("a host whose enrollment ends", () => {
  it.each([
    ["its own Node", {}, [node("w1", "m1", owner)]],
    ["an unstamped Node of its own", {}, [node("w1", "m1")]],
    ["no Node any more", {}, [node("w2", "m2", owner)]],
    ["nothing of a cluster on it", { caHashes: [] }, []],
    ["another machine's Node under its name", {}, [node("w1", "m9", "acme/nodepools/dev")]],
    ["a Node that lies about being this machine, as any kubelet can (H3)", {}, [node("w9", "m1")]],
  ])("is reset with %s", (_what, findings, nodes) => {
    expect(judge(findings, nodes)).toEqual({
      kind: "reset",
      criSocket: "unix:///run/containerd/containerd.sock",
    });
  });

  it("is reset with the runtime that it has now, whatever it had when it joined", () => {
    const criSockets = ["unix:///run/crio/crio.sock"];
    expect(judge({ criSockets }, [])).toEqual({ kind: "reset", criSocket: criSockets[0] });
  });

  it("that has nothing of a node any more needs no runtime", () => {
    expect(judge({ criSockets: [], files: [] }, [])).toEqual({
      kind: "reset",
      criSocket: enrolled.criSocket,
    });
  });

  it.each([
    [
      "a join is at work on it",
      { busy: true },
      [],
      /another join or reset is still running on the host: wait/,
    ],
    ["another machine answers", { machineId: "m9" }, [], /another machine answers at 192\.0\.2\.11 .*m9.*m1/],
    [
      "it is joined to another cluster",
      { caHashes: ["sha256:theirs"] },
      [],
      /another cluster.*sha256:theirs/,
    ],
    [
      "no runtime is there to end its pods with",
      { criSockets: [] },
      [],
      /no container runtime was found on the host.*systemctl start containerd/,
    ],
    [
      "another Node says that it is this machine, and the host does not say whose it is",
      { marker: undefined },
      [node("worker1", "m1")],
      /Node "worker1" says that it is this machine.*kubectl delete node worker1/,
    ],
    [
      "its Node is another stack's",
      {},
      [node("w1", "m1", "acme/nodepools/dev")],
      /belongs to stack acme\/nodepools\/dev/,
    ],
  ])("is refused when %s", (_what, findings, nodes, reason) => {
    const judgement = judge(findings, nodes);
    expect(judgement).toEqual({ kind: "refuse", reason: expect.stringMatching(reason) });
  });

  it.each([
    [
      "it was claimed under another name of this stack since",
      { marker: { owner, cluster: "sha256:ours", node: "worker1" } },
      [],
      'the host serves as "worker1" of this stack now',
    ],
    [
      "its own certificate is that of another Node by now",
      { nodeCertificate: { nodeName: "worker1", expires: new Date(0) } },
      [node("liar", "m1"), node("worker1", "m1")],
      'the host is the machine of Node "worker1" now',
    ],
  ])("is left alone when %s", (_what, findings, nodes, reason) => {
    expect(judge(findings, nodes)).toEqual({ kind: "leave", reason });
  });
});
