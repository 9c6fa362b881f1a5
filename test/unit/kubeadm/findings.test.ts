import { describe, expect, it } from "vitest";
import { parseFindings } from "../../../components/kubeadm/findings.ts";
import { claimInput, parseMarker } from "../../../components/kubeadm/marker.ts";
import { parseKubernetesVersion } from "../../../components/kubeadm/version.ts";

const output = [
  "machine_id=abc",
  "hostname=w1",
  "os=debian 13",
  "clock=1700000000",
  "systemd=yes",
  "kubeadm=v1.34.4",
  "kubelet=Kubernetes v1.34.4",
  "cri_socket=unix:///run/a.sock",
  "cri_socket=unix:///run/b.sock",
  "cri_silent=unix:///run/c.sock",
  "kubelet_disabled=yes",
  "runtime_disabled=crio.service",
  "kernel_setting=kernel.panic=10",
  "kubelet_complaint=unknown flag: --a in /etc/default/kubelet",
  "path=/usr/bin:/opt/bin",
  "cgroup_v2=yes",
  "kubelet_server=https://10.0.0.1:6443/?a=b",
  "leftover=link cni0",
  "marker=owner=o/p/s",
  "marker=node=w1",
  "swap=yes",
  "complete=yes",
  "",
].join("\n");

describe("parseFindings", () => {
  it("reads each kind of line", () => {
    expect(parseFindings(output)).toEqual({
      machineId: "abc",
      hostname: "w1",
      os: "debian 13",
      systemd: true,
      kubeadmVersion: "v1.34.4",
      kubeletVersion: "v1.34.4",
      criSockets: ["unix:///run/a.sock", "unix:///run/b.sock"],
      criSilent: ["unix:///run/c.sock"],
      kubeletDisabled: true,
      runtimesDisabled: ["crio.service"],
      kernelSettings: ["kernel.panic=10"],
      kubeletComplaint: "unknown flag: --a in /etc/default/kubelet",
      searchPath: "/usr/bin:/opt/bin",
      cgroupV2: true,
      kubeletActive: false,
      kubeletPortInUse: false,
      files: [],
      caHashes: [],
      kubeletServer: "https://10.0.0.1:6443/?a=b",
      otherDistributions: [],
      marker: { owner: "o/p/s", cluster: "", node: "w1" },
      swap: true,
      ipForward: false,
      clock: new Date("2023-11-14T22:13:20Z"),
      leftovers: ["link cni0"],
      busy: false,
    });
  });

  it("M6 shows what a host writes to move the cursor of whoever reads it", () => {
    const { leftovers, marker } = parseFindings(`${output}leftover=\x1b[2Ka\nmarker=node=\x1b]0;OWNED\x07\n`);
    expect(leftovers).toContain("\\x1b[2Ka");
    expect(JSON.stringify(marker)).not.toContain("\\u001b");
  });

  it("M3 takes as long as there are lines, not their square: 1 MiB of one key", () => {
    const flood = "leftover=/a\n".repeat(90_000);
    expect(parseFindings(`${flood}${output}`).machineId).toBe("abc");
  }, 5_000);

  it("has no version of a program that is not installed", () => {
    const findings = parseFindings("kubeadm=\nkubelet=\ncomplete=yes\n");
    expect(Object.keys(findings)).not.toContain("kubeadmVersion");
    expect(Object.keys(findings)).not.toContain("kubeletVersion");
  });

  it("refuses output that was cut off, because what is missing would read as absent", () => {
    expect(() => parseFindings("machine_id=abc\n")).toThrow("incomplete");
  });
});

describe("the marker", () => {
  it("is read back as it was claimed", () => {
    const marker = { owner: "o/p/s", cluster: "sha256:aa", node: "w1" };
    expect(parseMarker(claimInput(marker))).toEqual(marker);
  });
});

describe("parseKubernetesVersion", () => {
  it.each([
    ["v1.34.4", { major: 1, minor: 34, patch: 4 }],
    ["1.31.0-rc.1", { major: 1, minor: 31, patch: 0 }],
    ["v1.30.9+k3s1", { major: 1, minor: 30, patch: 9 }],
    ["1.34", undefined],
    ["latest", undefined],
  ])("%s", (text, version) => {
    expect(parseKubernetesVersion(text)).toEqual(version);
  });
});
