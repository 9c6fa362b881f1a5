// The witness on real hosts for each kind of operation: what the engine tests prove with stand-ins for kubeadm, kubelet
// and systemd is done here once by the real ones, in the life of one pool.
import { afterAll, beforeAll, expect, it } from "vitest";
import { watchBudget } from "../../lab/demo/budget-watch.ts";
import { labEnvironment, power, runInLab, ssh } from "../../lab/lab.ts";
import { insideNetwork } from "../../lab/network/namespace.ts";
import type { LabStack, PulumiRun } from "../../lab/stack.ts";
import { lifeOf } from "../support/node-lives.ts";
import { type ProcessWatch, watchProcesses } from "../support/process-watch.ts";
import { fails, succeeds } from "../support/pulumi-run.ts";
import {
  apply,
  createStack,
  eventually,
  fingerprintOf,
  host,
  kubectl,
  lab,
  loginsOn,
  mintedTokens,
  nodes,
  onHost,
  readyNodes,
  remainsOf,
  uidOf,
  untilSilent,
} from "../support/test-lab.ts";
import { deploymentOn, isServing, spreadDeployment, stayingPods } from "../support/workloads.ts";

let stack: LabStack;
let joining: PulumiRun;
let token: string;
let shown: Pick<ProcessWatch, "commandLines" | "hostEnvironments">;
let adoptedUid: string | undefined;
let adoptedPods: string[];
let kubeletOfAdopted: string;
let refusedHost: string;

const pool = { name: "workers", limits: { maxRemovals: "100%" }, drain: { timeoutSeconds: 60 } };
const declare = (hosts: readonly object[], more: object = {}): void =>
  stack.declare([{ ...pool, ...more, hosts }]);
const up = async (): Promise<string> => (await succeeds(stack.up())).text;
const kubeletLife = (name: string) =>
  onHost(name, "systemctl show kubelet -p MainPID -p ActiveEnterTimestampMonotonic");
const bootOf = async (name: string) => (await nodes()).get(name)?.status.nodeInfo.bootID;
const allServe = () => isServing("shop", 4);

/** Joins a host as an administrator does: a token printed on the control plane, typed on the host. */
async function joinByHand(name: string): Promise<void> {
  const printed = await runInLab(lab, ["kubeadm", "token", "create", "--print-join-command", "--ttl", "5m"]);
  expect(printed.status, printed.stderr).toBe(0);
  const join = await ssh(lab, name, printed.stdout.trim(), { timeoutSeconds: 120 });
  expect(join.status, join.stdout + join.stderr).toBe(0);
}

/** Waits for the token that the program mints, and returns its secret half. */
async function mintedSecret(): Promise<string> {
  let secret = "";
  await eventually("a bootstrap token", 180, async () => {
    const [name] = await mintedTokens();
    if (name === undefined) return false;
    const path = "jsonpath={.data.token-secret}";
    const data = await kubectl("get", "secret", "-n", "kube-system", name, "--ignore-not-found", "-o", path);
    secret = Buffer.from(data, "base64").toString();
    return secret !== "";
  });
  return secret;
}

beforeAll(async () => {
  stack = await createStack("life");
  await onHost("w3", "mkdir -p /etc/rancher/k3s; echo a > /etc/rancher/k3s/config.yaml");
  await joinByHand("w1");
  await eventually("w1 to be ready", 60, async () => (await readyNodes()).includes("w1"));
  await apply(deploymentOn("w1", "old"));
  await eventually("its pod", 60, async () => (await stayingPods("old")).length === 1);
  adoptedUid = await uidOf("w1");
  [adoptedPods, kubeletOfAdopted] = [await stayingPods("old"), await kubeletLife("w1")];
  refusedHost = await fingerprintOf("w3");

  declare([host(1), host(2), host(3)], {
    labels: { "example.com/tier": "general" },
    taints: [{ key: "dedicated", value: "batch", effect: "NoSchedule" }],
  });
  using watch = watchProcesses(lab);
  const running = stack.up("--continue-on-error");
  token = await mintedSecret();
  joining = await fails(running);
  shown = watch;
});

afterAll(async () => {
  await power(lab, "w2", "on");
  await onHost("w3", "rm -rf /etc/rancher");
  await kubectl("delete", "deployment,pdb", "--all", "--wait=false");
  await succeeds(stack.destroy());
});

it("J-09 adopts a host joined by hand, whose kubelet and pods run on", async () => {
  const node = (await nodes()).get("w1");
  expect(node?.metadata.uid).toBe(adoptedUid);
  expect(node?.metadata.labels["example.com/tier"]).toBe("general");
  expect(node?.metadata.annotations["nodepools.local/owner"]).toBe("organization/nodepools/life");
  expect(node?.spec.taints).toEqual([{ key: "dedicated", value: "batch", effect: "NoSchedule" }]);
  expect(await kubeletLife("w1")).toBe(kubeletOfAdopted);
  expect(await stayingPods("old")).toEqual(adoptedPods);
});

it("J-10b refuses a host of k3s in the same up, and leaves it as it is", async () => {
  expect(joining.text).toMatch(/the host runs k3s \(\/etc\/rancher\/k3s\)/);
  expect(await fingerprintOf("w3")).toBe(refusedHost);
});

it("J-01 J-40 joins a host in the same up, labelled and tainted, with a token that no process shows and nothing keeps", async () => {
  expect(await readyNodes()).toEqual(["w1", "w2"]);
  const w2 = (await nodes()).get("w2");
  expect(w2?.metadata.labels["example.com/tier"]).toBe("general");
  expect(w2?.spec.taints).toEqual([{ key: "dedicated", value: "batch", effect: "NoSchedule" }]);
  expect(await mintedTokens()).toEqual([]);
  const lines = [...shown.commandLines].join("\n");
  expect(lines).toMatch(/kubeadm join --config \/run\/nodepools-join\.\w+\/join\.yaml/);
  expect(lines.includes(token)).toBe(false);
  expect([...shown.hostEnvironments].join("\n").includes(token)).toBe(false);
  const places = `cat > /dev/shm/wanted
    grep -rlFf /dev/shm/wanted /run /tmp /var/tmp /var/log /etc /root /var/lib/kubelet /var/lib/nodepools 2> /dev/null
    journalctl --no-pager -o cat | grep -Ff /dev/shm/wanted; rm /dev/shm/wanted`;
  expect((await ssh(lab, "w2", places, { stdin: `${token}\n` })).stdout).toBe("");
  expect((await ssh(lab, "w2", places, { stdin: "Started kubelet\n" })).stdout).toMatch(/Started kubelet/);
});

it("J-37 changes metadata and cordons in place; nobody logs in, the kubelets run on", async () => {
  const look = () => Promise.all(["w1", "w2"].map(lifeOf));
  const [before, logins] = [await look(), await loginsOn("w2")];
  declare([host(1), host(2, { state: "cordoned" })], { labels: { "example.com/tier": "front" } });
  await up();
  // Counting takes a login itself.
  expect(await loginsOn("w2")).toBe(logins + 1);
  expect(await look()).toEqual(before);
  const w2 = (await nodes()).get("w2");
  expect(w2?.metadata.labels["example.com/tier"]).toBe("front");
  expect(w2?.spec.unschedulable).toBe(true);
  expect((await nodes()).get("w1")?.spec.taints ?? []).toEqual([]);
});

it("drains for maintenance under the budget, which nobody breaks, while a mended host joins", async () => {
  await onHost("w3", "rm -rf /etc/rancher");
  declare([host(1), host(2), host(3)]);
  await up();
  await apply(...spreadDeployment("shop", 4, 1));
  await eventually("all replicas", 60, allServe);
  const [command = "", ...argv] = insideNetwork(lab, ["kubectl"]);
  await using watch = watchBudget([command, ...argv], labEnvironment(lab), "default", "shop");
  await eventually("the first state of the budget", 20, async () => watch.seen() > 0);
  declare([host(1), host(2, { state: "maintenance" }), host(3)]);
  await up();
  await eventually("all replicas on two nodes", 60, allServe);
  expect(watch.violations()).toEqual([]);
  expect(
    await kubectl("get", "pods", "-l", "app=shop", "--field-selector", "spec.nodeName=w2", "-o", "name"),
  ).toBe("");
  expect(await readyNodes()).toEqual(["w1", "w3"]);
});

it("uncordons it again and reboots another one, drained: Ready with a new boot id", async () => {
  const before = await bootOf("w3");
  declare([host(1), host(2), host(3, { rebootTrigger: "1" })]);
  await up();
  expect(await bootOf("w3")).not.toBe(before);
  expect(await readyNodes()).toEqual(["w1", "w2", "w3"]);
});

it("J-29 replaces a lost machine by a spare, and takes it back wiped", async () => {
  declare([host(1), host(2)]);
  await up();
  expect(await remainsOf("w3")).toEqual([]);
  const former = await uidOf("w2");
  await power(lab, "w2", "off");
  await untilSilent("w2");
  declare([host(1), host(2, { state: "lost" }), host(3)]);
  await up();
  expect(await readyNodes()).toEqual(["w1", "w3"]);
  expect([...(await nodes()).keys()].sort()).toEqual(["w1", "w3"]);

  await power(lab, "w2", "on");
  await eventually("w2 to register itself again", 60, async () => (await nodes()).has("w2"));
  declare([host(1), host(2, { rejoinTrigger: "1" }), host(3)]);
  expect(await up()).toMatch(/reset before joining/);
  expect(await readyNodes()).toEqual(["w1", "w2", "w3"]);
  expect(await uidOf("w2")).not.toBe(former);
  await succeeds(stack.isSettled());
});
