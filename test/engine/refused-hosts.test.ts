// Hosts and names that belong to somebody else: refused with everything that was found, and left exactly as they are.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { certificateFiles, makeCertificates } from "../support/certificates.ts";
import { nodeNamed, nodes, readyNodes, tokens } from "./site/nodes.ts";
import { type EngineRun, fails, saidOf, succeeds } from "./site/run.ts";
import { fingerprintOf, remainsOf, setScene } from "./site/scene.ts";
import { EngineStack } from "./site/stack.ts";

const otherMachine = "0123456789abcdef0123456789abcdef";

const scene = setScene("refused-dev", 4);
let prod: EngineStack;
let untouched: readonly string[];
let firstUp: EngineRun;

const fingerprints = () => Promise.all([2, 3, 4].map((at) => fingerprintOf(scene.host(at))));

/** Makes a host look like a node of another cluster, whose certificate authority nobody here knows. */
async function joinForeignCluster(index: number): Promise<void> {
  const folder = join(scene.site.folder, "foreign");
  mkdirSync(folder);
  makeCertificates(folder);
  const ca = readFileSync(join(folder, certificateFiles.ca)).toString("base64");
  await scene.host(index).run(`mkdir -p /etc/kubernetes/pki
    echo ${ca} | base64 -d > /etc/kubernetes/pki/ca.crt
    cat > /etc/kubernetes/kubelet.conf <<EOF
clusters:
- cluster:
    certificate-authority-data: ${ca}
    server: https://10.99.0.1:6443
EOF`);
}

/** Creates a Node that no kubelet stands behind. */
async function createBareNode(name: string, machineID: string, labels: Record<string, string> = {}) {
  const software = { containerRuntimeVersion: "c://1", kubeletVersion: "v1", kubeProxyVersion: "" };
  const system = { bootID: "b", systemUUID: "u", kernelVersion: "6", osImage: "none", architecture: "amd64" };
  const nodeInfo = { machineID, operatingSystem: "linux", ...system, ...software };
  const conditions = [{ type: "Ready", status: "False" }];
  const metadata = { name, labels: { ...labels, "example.com/mine": "yes" } };
  await scene.site.core.createNode({ body: { metadata, status: { nodeInfo, conditions } } });
}

/** Returns why a host was refused, one reason a line after the first one. */
function refusalOf(run: EngineRun, name: string): string {
  const refusals = saidOf(run, `HostEnrollment ${name}`).filter((said) => said.includes("enrolling host"));
  expect(refusals, `refusals of ${name}: ${run.text}`).toHaveLength(1);
  return refusals[0] ?? "";
}

beforeAll(async () => {
  prod = await EngineStack.create(scene.site, "refused-prod");
  await joinForeignCluster(2);
  await scene.host(2).run("echo 0 > /proc/sys/net/ipv4/ip_forward");
  const rancher = "mkdir -p /etc/rancher/k3s /var/lib/rancher/rke2; echo a > /etc/rancher/k3s/config.yaml";
  await scene.host(3).run(rancher);
  await createBareNode("w4", otherMachine);
  untouched = await fingerprints();
  const hosts = scene.hosts.map((host) => host.declare());
  scene.stack.declare([{ name: "workers", labels: { "example.com/tier": "a" }, hosts }]);
  firstUp = await fails(scene.stack.up("--continue-on-error"));
});

it("J-10a refuses a host of another cluster, naming its CA, its server and all else that is wrong, in one message", () => {
  const refusal = refusalOf(firstUp, "w2");
  expect(refusal).toMatch(/enrolling host "w2" at 127\.0\.0\.1: refused, and left as it was found:/);
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

it("J-11a D-N20 refuses a name that a Node of another machine has, with both ids", () => {
  const refusal = refusalOf(firstUp, "w4");
  expect(refusal).toContain(`its machine-id is ${otherMachine}, the host's is ${scene.host(4).machineId}`);
  expect(refusal).toMatch(/Node w4 \(not Ready\) is another machine/);
});

it("J-10a J-10b J-11a changes nothing on refused hosts and their Nodes, and mints no token for them", async () => {
  expect(await fingerprints()).toEqual(untouched);
  const { metadata } = await nodeNamed("w4");
  expect(metadata?.labels).toEqual({ "example.com/mine": "yes" });
  expect(metadata?.annotations ?? {}).toEqual({});
  expect(await tokens()).toEqual([]);
});

it("J-11a joins the other host of the same up", async () => {
  expect(await readyNodes()).toEqual(["w1"]);
  expect((await nodeNamed("w1")).metadata?.labels).toMatchObject({ "example.com/tier": "a" });
});

it("J-10c J-40 D-N24 refuses another stack's host and a control-plane node's name; both stay as they are", async () => {
  const controlPlane = { "node-role.kubernetes.io/control-plane": "" };
  await createBareNode("control-plane", scene.host(4).machineId, controlPlane);
  await scene.site.core.deleteNode({ name: "w4" });
  const look = () =>
    Promise.all([fingerprintOf(scene.host(1)), fingerprintOf(scene.host(4)), nodeNamed("w1")]);
  const before = await look();
  const taken = scene.host(4).declare({ name: "control-plane" });
  prod.declare([{ name: "workers", hosts: [scene.host(1).declare(), taken] }]);
  const run = await fails(prod.up("--continue-on-error"));
  const { owner } = scene.stack;
  expect(refusalOf(run, "w1")).toContain(`the host is claimed by stack "${owner}" as node "w1"`);
  expect(refusalOf(run, "w1")).toContain(`Node w1 is owned by stack "${owner}"`);
  expect(refusalOf(run, "control-plane")).toContain(
    "the host is a control-plane node (the role of Node control-plane)",
  );
  expect(await look()).toEqual(before);
});

it("J-40 gives the host to the second stack once the first has removed it", async () => {
  await scene.site.core.deleteNode({ name: "control-plane" });
  scene.stack.declare([{ name: "workers", hosts: [], limits: { maxRemovals: "100%" } }]);
  await succeeds(scene.stack.up());
  expect([...(await nodes()).keys()]).toEqual([]);
  expect(await remainsOf(scene.host(1))).toEqual([]);
  prod.declare([{ name: "workers", hosts: [scene.host(1).declare()] }]);
  await succeeds(prod.up());
  expect(await readyNodes()).toEqual(["w1"]);
  const { metadata } = await nodeNamed("w1");
  expect(metadata?.annotations).toMatchObject({ "nodepools.local/owner": prod.owner });
  expect(await scene.host(1).run("grep ^owner= /var/lib/nodepools/owner")).toBe(`owner=${prod.owner}`);
});
