// Hosts that a preparation does not touch, in a sandbox: all reasons in one message, nothing changed.
import { describe, expect, it } from "vitest";
import { node, onMachine, owner, prepare } from "./prepare-host.ts";

const fingerprint = "find /etc /var/lib -xdev -printf '%p %T@ %s\\n'";
const untouched = (text: string): string =>
  `${text}${fingerprint} > /run/before; ${prepare()}${fingerprint} | cmp - /run/before; ls /run/packages 2>&1`;

describe("a preparation refuses", () => {
  it.each([
    [
      "J-40 a host that another stack has claimed",
      "mkdir -p /var/lib/nodepools; echo owner=a/b/c > /var/lib/nodepools/owner\n",
      'it is claimed by stack "a/b/c": remove it from that stack first',
    ],
    [
      "J-10c a control-plane node",
      `mkdir -p /etc/kubernetes/manifests; touch /etc/kubernetes/manifests/kube-apiserver.yaml\n${node("1.34.4", owner)}`,
      "it is a control-plane node (/etc/kubernetes/manifests/kube-apiserver.yaml)",
    ],
    ["J-10b a host that runs k3s", "mkdir -p /etc/rancher/k3s\n", "it runs k3s (/etc/rancher/k3s)"],
    [
      "a node with another version, newer",
      node("1.35.0", owner),
      "it is a node (of https://10.0.0.1:6443) with kubelet 1.35.0, and 1.34.4 is declared",
    ],
    [
      "a node with another version, which only begins like the declared one",
      node("1.34.40"),
      "it is a node (of https://10.0.0.1:6443) with kubelet 1.34.40, and 1.34.4 is declared",
    ],
    [
      "J-02 a host where fapolicyd is on",
      "touch /run/units/fapolicyd.active\n",
      "fapolicyd is on: it denies every program that no package of the host brought",
    ],
    [
      "J-02 a host where fapolicyd will be on after a reboot",
      "touch /run/units/fapolicyd.enabled\n",
      "fapolicyd is on: it denies every program that no package of the host brought",
    ],
    ["a host with cri-o", "touch /run/units/crio\n", "it has another container runtime (crio.service)"],
    [
      "a host with a kubelet that no package brought",
      'mount -t tmpfs tmpfs /usr/local; mkdir /usr/local/bin; cp "$SANDBOX/fake-kubelet" /usr/local/bin/kubelet; PATH=/usr/local/bin:$PATH\n',
      "/usr/local/bin/kubelet is not from a package",
    ],
    [
      "a system that it does not know",
      "printf 'ID=alpine\\nVERSION_ID=3.20\\n' > /etc/os-release\n",
      "its system is alpine 3.20",
    ],
    ["a host that systemd does not run", "rmdir /run/systemd/system\n", "systemd does not run it"],
  ])("%s", (_, text, reason) => {
    const { stdout, stderr } = onMachine(untouched(text));
    expect(stderr).toContain(`this host is not prepared, and nothing on it was changed:\n- ${reason}`);
    expect(stdout).toMatch(/^status=77\nls: .*No such file.*\n$/);
  });

  it("with all reasons at once", () => {
    const { stderr } = onMachine(
      `mkdir -p /etc/rancher/k3s; touch /run/units/crio; rmdir /run/systemd/system; ${prepare()}`,
    );
    expect(stderr.split("\n- ")).toHaveLength(4);
  });

  it("an input that was cut off, and leaves no file", () => {
    const { stdout, stderr } = onMachine(`${prepare({}, (text) => text.slice(0, -30))}ls -d /run/nodepools*`);
    expect(stdout).toBe("status=65\n");
    expect(stderr).toContain("no complete preparation arrived");
  });
});

it("waits for another that is at work on the host", () => {
  const { stdout } = onMachine(
    `(mkdir -p /run/nodepools; exec 9> /run/nodepools/lock; flock 9; sleep 2; echo ended) & sleep 0.3; ${prepare()}ls -d /run/nodepools*`,
  );
  expect(stdout).toMatch(/^ended\nchanged:/);
  expect(stdout).toMatch(/status=0\n\/run\/nodepools\n$/);
});
