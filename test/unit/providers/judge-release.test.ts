import { describe, expect, it } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import type { HostFindings } from "../../../components/kubeadm/findings.ts";
import { judgeRelease } from "../../../components/providers/enrollment/judge-release.ts";
import type { EnrollmentOutputs } from "../../../components/providers/enrollment/state.ts";

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

function found(others: Partial<HostFindings>): HostFindings {
  const marker = { owner, cluster: "sha256:ours", node: "w1" };
  return { machineId: "m1", caHashes: ["sha256:ours"], marker, ...others } as HostFindings;
}

function node(name: string, machineID: string, stamp?: string): Node {
  const annotations = stamp === undefined ? {} : { "nodepools.local/owner": stamp };
  return { metadata: { name, annotations }, status: { nodeInfo: { machineID } } } as unknown as Node;
}

function judge(findings: Partial<HostFindings>, nodes: readonly Node[]) {
  return judgeRelease(enrolled, found(findings), nodes, ["sha256:ours", "sha256:next"]);
}

describe("a host whose enrollment ends", () => {
  it.each([
    ["its own Node", {}, [node("w1", "m1", owner)]],
    ["an unstamped Node of its own", {}, [node("w1", "m1")]],
    ["no Node any more", {}, [node("w2", "m2", owner)]],
    ["nothing of a cluster on it", { caHashes: [] }, []],
    ["another machine's Node under its name", {}, [node("w1", "m9", "acme/nodepools/dev")]],
  ])("is reset with %s", (_what, findings, nodes) => {
    expect(judge(findings, nodes)).toEqual({ kind: "reset" });
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
      "its machine is another Node by now",
      {},
      [node("worker1", "m1")],
      'the host is the machine of Node "worker1" now',
    ],
  ])("is left alone when %s", (_what, findings, nodes, reason) => {
    expect(judge(findings, nodes)).toEqual({ kind: "leave", reason });
  });
});
