// Hosts and names that belong to somebody else: refused with everything that was found, and left exactly as they are.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ssh } from "../../lab/lab.ts";
import type { LabStack, PulumiRun } from "../../lab/stack.ts";
import { certificateFiles, makeCertificates } from "../support/certificates.ts";
import { fails, succeeds } from "../support/pulumi-run.ts";
import {
  apply,
  createStack,
  fingerprintOf,
  host,
  kubectl,
  lab,
  mintedTokens,
  nodes,
  onHost,
  readyNodes,
  remainsOf,
} from "../support/test-lab.ts";

/** Makes a host look like a node of another cluster, whose certificate authority nobody here knows. */
async function joinForeignCluster(name: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "foreign-cluster-"));
  makeCertificates(folder);
  const stdin = readFileSync(join(folder, certificateFiles.ca), "utf8");
  rmSync(folder, { recursive: true });
  const script = `set -e
    mkdir -p /etc/kubernetes/pki
    cat > /etc/kubernetes/pki/ca.crt
    cat > /etc/kubernetes/kubelet.conf <<EOF
clusters:
- cluster:
    certificate-authority-data: $(base64 -w 0 /etc/kubernetes/pki/ca.crt)
    server: https://10.99.0.1:6443
EOF`;
  const result = await ssh(lab, name, script, { stdin });
  expect(result.status, result.stderr).toBe(0);
}

/** Declares a Node that no kubelet stands behind. */
function bareNode(name: string, machineID: string, labels: object = {}): object {
  const kernel = { bootID: "b", systemUUID: "u", kernelVersion: "6", osImage: "none", architecture: "amd64" };
  const software = { containerRuntimeVersion: "c://1", kubeletVersion: "v1", kubeProxyVersion: "" };
  const nodeInfo = { machineID, operatingSystem: "linux", ...kernel, ...software };
  const metadata = { name, labels: { ...labels, "example.com/mine": "yes" } };
  const conditions = [{ type: "Ready", status: "False" }];
  return { apiVersion: "v1", kind: "Node", metadata, status: { nodeInfo, conditions } };
}

/** Returns what one resource was refused for; the run's other output, and its repetition while it runs, do not matter. */
function refusalOf(run: PulumiRun, name: string): string {
  const [, diagnostics = ""] = run.text.split("Diagnostics:");
  const [, refusal = "", ...more] = diagnostics.split(`enrolling host "${name}" at `);
  expect(more, `refusals of ${name}: ${run.text}`).toEqual([]);
  return refusal.split(/\n {2}\S/)[0] ?? "";
}

const otherMachine = "0123456789abcdef0123456789abcdef";

describe("hosts that are not this stack's to take", () => {
  let dev: LabStack;
  let prod: LabStack;
  let untouched: readonly string[];
  let firstUp: PulumiRun;

  const fingerprints = () => Promise.all(["w2", "w3", "w4"].map(fingerprintOf));

  beforeAll(async () => {
    dev = await createStack("refused-dev");
    prod = await createStack("refused-prod");
    await joinForeignCluster("w2");
    await onHost("w2", "sysctl -qw net.ipv4.ip_forward=0");
    await onHost(
      "w3",
      "mkdir -p /etc/rancher/k3s /var/lib/rancher/rke2; echo a > /etc/rancher/k3s/config.yaml",
    );
    await apply(bareNode("w4", otherMachine));
    untouched = await fingerprints();
    dev.declare([
      { name: "workers", labels: { "example.com/tier": "a" }, hosts: [1, 2, 3, 4].map((at) => host(at)) },
    ]);
    firstUp = await dev.up("--continue-on-error");
  });

  afterAll(async () => {
    await onHost(
      "w2",
      "rm -rf /etc/kubernetes/pki/ca.crt /etc/kubernetes/kubelet.conf; sysctl -qw net.ipv4.ip_forward=1",
    );
    await onHost("w3", "rm -rf /etc/rancher /var/lib/rancher");
    await kubectl("delete", "node", "w4", "control-plane", "--ignore-not-found");
    const runs = await Promise.all([dev.destroy(), prod.destroy()]);
    for (const run of runs) expect(run.ok, run.text).toBe(true);
    expect(await remainsOf("w1")).toEqual([]);
  });

  it("J-10a refuses a host of another cluster, naming its CA, its server and all else that is wrong, in one message", async () => {
    const refusal = refusalOf(firstUp, "w2");
    expect(firstUp.ok, firstUp.text).toBe(false);
    expect(refusal).toMatch(/^10\.89\.0\.12: refused, .*:$/m);
    expect(refusal).toMatch(
      /another cluster at https:\/\/10\.99\.0\.1:6443 \(certificate authority sha256:[0-9a-f]{64}\)/,
    );
    expect(refusal).toMatch(/net\.ipv4\.ip_forward is 0/);
    expect(refusal.match(/^ +- /gm)).toHaveLength(2);
  });

  it("J-10b refuses a host of k3s and rke2, naming the traces of both", () => {
    const refusal = refusalOf(firstUp, "w3");
    expect(refusal).toMatch(/the host runs k3s \(\/etc\/rancher\/k3s\)/);
    expect(refusal).toMatch(/the host runs rke2 \(\/var\/lib\/rancher\/rke2\)/);
  });

  it("J-11a D-N20 refuses a name that a Node of another machine has, with both ids", async () => {
    const machineId = await onHost("w4", "cat /etc/machine-id");
    const refusal = refusalOf(firstUp, "w4");
    expect(refusal).toContain(`its machine-id is ${otherMachine}, the host's is ${machineId}`);
    expect(refusal).toMatch(/Node w4 \(not Ready\) is another machine/);
  });

  it("J-10a J-10b J-11a changes nothing on refused hosts and their Nodes, and mints no token for them", async () => {
    expect(await fingerprints()).toEqual(untouched);
    const taken = (await nodes()).get("w4");
    expect(taken?.metadata.labels).toEqual({ "example.com/mine": "yes" });
    expect(
      Object.keys(taken?.metadata.annotations ?? {}).filter((key) => key.startsWith("nodepools")),
    ).toEqual([]);
    expect(await mintedTokens()).toEqual([]);
  });

  it("J-11a joins the other host of the same up", async () => {
    expect(await readyNodes()).toEqual(["w1"]);
    expect((await nodes()).get("w1")?.metadata.labels["example.com/tier"]).toBe("a");
  });

  it("J-10c J-40 D-N24 refuses another stack's host and a control-plane node's name; both stay as they are", async () => {
    const machineId = await onHost("w4", "cat /etc/machine-id");
    await apply(bareNode("control-plane", machineId, { "node-role.kubernetes.io/control-plane": "" }));
    await kubectl("delete", "node", "w4");
    const before = await Promise.all(["w1", "w4"].map(fingerprintOf));
    const node = (await nodes()).get("w1")?.metadata;
    prod.declare([{ name: "workers", hosts: [host(1), host(4, { name: "control-plane" })] }]);
    const run = await fails(prod.up("--continue-on-error"));
    const owner = "organization/nodepools/refused-dev";
    expect(refusalOf(run, "w1")).toContain(`the host is claimed by stack "${owner}" as node "w1"`);
    expect(refusalOf(run, "w1")).toContain(`Node w1 is owned by stack "${owner}"`);
    expect(refusalOf(run, "control-plane")).toContain(
      "the host is a control-plane node (the role of Node control-plane)",
    );
    expect(await Promise.all(["w1", "w4"].map(fingerprintOf))).toEqual(before);
    expect((await nodes()).get("w1")?.metadata).toMatchObject({
      uid: node?.uid,
      annotations: node?.annotations,
    });
    expect(await readyNodes()).toEqual(["w1"]);
  });

  it("J-40 gives the host to the second stack once the first has removed it", async () => {
    dev.declare([{ name: "workers", hosts: [], limits: { maxRemovals: "100%" } }]);
    await succeeds(dev.up());
    prod.declare([{ name: "workers", hosts: [host(1)] }]);
    await succeeds(prod.up());
    expect(await readyNodes()).toEqual(["w1"]);
    expect((await nodes()).get("w1")?.metadata.annotations["nodepools.local/owner"]).toBe(
      "organization/nodepools/refused-prod",
    );
    expect(await onHost("w1", "grep ^owner= /var/lib/nodepools/owner")).toBe(
      "owner=organization/nodepools/refused-prod",
    );
  });
});
