// The witness on real hosts for each kind of operation: what the engine tests prove with stand-ins for kubeadm, kubelet
// and systemd is done here once by the real ones, in the life of one pool, beside a host of another stack.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BudgetWatch, watchBudget } from "../../lab/demo/budget-watch.ts";
import { labEnvironment, power, ssh } from "../../lab/lab.ts";
import { insideNetwork } from "../../lab/network/namespace.ts";
import type { LabStack, PulumiRun } from "../../lab/stack.ts";
import { joinByHand } from "../support/join-by-hand.ts";
import { type ProcessWatch, watchProcesses } from "../support/process-watch.ts";
import { fails, succeeds } from "../support/pulumi-run.ts";
import {
  apply,
  ask,
  createStack,
  eventually,
  fingerprintOf,
  host,
  kubectl,
  lab,
  loginsOn,
  mintedSecrets,
  mintedTokens,
  nodes,
  onHost,
  readyNodes,
  remainsOf,
  uidOf,
  untilSilent,
} from "../support/test-lab.ts";
import { deploymentOn, isServing, placesOf, spreadDeployment, stayingPods } from "../support/workloads.ts";

const members = ["w1", "w2"];
const labels = { "example.com/tier": "general" };
const taint = { key: "dedicated", value: "batch", effect: "NoSchedule" };
const fingerprint = /SHA256:[A-Za-z0-9+/]{43}/g;

let stack: LabStack;
let other: LabStack;

const pool = { name: "workers", limits: { maxRemovals: "100%" }, drain: { timeoutSeconds: 60 } };
const declare = (hosts: readonly object[], more: object = {}): void =>
  stack.declare([{ ...pool, ...more, hosts }]);
const up = async (): Promise<string> => (await succeeds(stack.up())).text;
const bootOf = async (name: string) => (await nodes()).get(name)?.status.nodeInfo.bootID;
const loginsOnAll = (names: readonly string[]) => Promise.all(names.map(loginsOn));
/** What the labels of a Node are that no kubelet and no mark of the program has set. */
const ownLabels = async (name: string) =>
  Object.fromEntries(
    Object.entries((await nodes()).get(name)?.metadata.labels ?? {}).filter(
      ([key]) => !key.includes("kubernetes.io/"),
    ),
  );

/** What of a node could be touched beside its metadata: files, processes, containers and pods; takes a login itself. */
async function look(name: string) {
  const script = `
    find /etc/kubernetes /etc/cni /var/lib/nodepools -type f -printf '%p %T@\\n' | sort
    pidof containerd kubelet; systemctl show kubelet -p ActiveEnterTimestampMonotonic
    ctr -n k8s.io tasks ls | sort`;
  return {
    host: (await onHost(name, script)).split("\n"),
    uid: await uidOf(name),
    pods: await stayingPods(`on-${name}`),
  };
}

async function podOn(name: string): Promise<void> {
  await apply(deploymentOn(name, `on-${name}`));
  await eventually(`a pod on ${name}`, 60, async () => (await stayingPods(`on-${name}`)).length === 1);
}

/** Returns the pinned key of a host, as `type base64`. */
function keyOf(address: string): string {
  const line = readFileSync(lab.knownHosts, "utf8")
    .split("\n")
    .find((text) => text.startsWith(`${address} `));
  return (line ?? "").split(" ").slice(1, 3).join(" ");
}

/** Waits for the token that the program mints, and returns its secret half. */
async function mintedSecret(): Promise<string> {
  let secret: string | undefined;
  await eventually("a bootstrap token", 180, async () => {
    [secret] = await mintedSecrets();
    return secret !== undefined;
  });
  return secret ?? "";
}

async function watchOf(app: string): Promise<BudgetWatch> {
  const [command = "", ...argv] = insideNetwork(lab, ["kubectl"]);
  const watch = watchBudget([command, ...argv], labEnvironment(lab), "default", app);
  await eventually("the first state of the budget", 20, async () => watch.seen() > 0);
  return watch;
}

/** Names the node that each pod was placed on since a moment of this machine's clock, which is the cluster's. */
async function placedSince(moment: string): Promise<string[]> {
  interface PodEvent {
    readonly reason: string;
    readonly message: string;
    readonly metadata: { readonly creationTimestamp: string };
  }
  const { items } = await ask<{ items: PodEvent[] }>("/api/v1/namespaces/default/events");
  return items
    .filter(({ reason, metadata }) => reason === "Scheduled" && metadata.creationTimestamp > moment)
    .map(({ message }) => message.split(" to ").at(-1) ?? "");
}

beforeAll(async () => {
  [stack, other] = [await createStack("life", {}), await createStack("beside", {})];
  await onHost("w3", "mkdir -p /etc/rancher/k3s; echo a > /etc/rancher/k3s/config.yaml");
  await joinByHand("w1");
  await podOn("w1");
});

afterAll(async () => {
  await power(lab, "w4", "on");
  await onHost("w3", "rm -rf /etc/rancher");
  await kubectl("delete", "deployment,pdb", "--all", "--wait=false");
  await succeeds(stack.destroy());
});

describe("the first up, of a node, a clean host, one of k3s and one with another key", () => {
  let joining: PulumiRun;
  let token: string;
  let shown: Pick<ProcessWatch, "commandLines" | "hostEnvironments">;
  let adopted: Awaited<ReturnType<typeof look>>;
  let refused: readonly string[];

  const fingerprints = () => Promise.all(["w3", "w4"].map(fingerprintOf));

  beforeAll(() => {
    const strange = host(4, { hostKey: keyOf("10.89.0.11") });
    declare([host(1), host(2), host(3), strange], { labels, taints: [taint] });
  });

  it("J-01 is previewed with host, pool, labels and taints, and nothing is changed yet", async () => {
    const all = ["w1", "w2", "w3", "w4"];
    const found = await fingerprintOf("w2");
    const logged = await loginsOnAll(all);
    const preview = await succeeds(stack.run(["preview", "--diff"]));
    for (const name of members) {
      const [, membership = ""] = preview.text.split(`NodeMembership::${name}]`);
      expect(membership).toMatch(/^ +labels +: \{\n +example\.com\/tier: "general"$/m);
      expect(membership).toMatch(new RegExp(`^ +node +: "${name}"$`, "m"));
      expect(membership).toMatch(/^ +pool +: "workers"$/m);
      expect(membership).toMatch(/effect: "NoSchedule"\n +key +: "dedicated"\n +value +: "batch"/);
    }
    // Counting takes a login itself.
    expect(await loginsOnAll(all)).toEqual(logged.map((count) => count + 1));
    expect(await fingerprintOf("w2")).toBe(found);
    expect([await mintedTokens(), [...(await nodes()).keys()]]).toEqual([[], ["w1"]]);
  });

  it("J-09 adopts a host joined by hand, whose kubelet and pods run on", async () => {
    [adopted, refused] = [await look("w1"), await fingerprints()];
    using watch = watchProcesses(lab);
    const running = stack.up("--continue-on-error");
    token = await mintedSecret();
    joining = await fails(running);
    shown = watch;
    const node = (await nodes()).get("w1");
    expect(await ownLabels("w1")).toEqual(labels);
    expect(node?.metadata.annotations["nodepools.local/owner"]).toBe("organization/nodepools/life");
    expect(node?.spec.taints).toEqual([taint]);
    const now = await look("w1");
    const unmarked = now.host.filter((line) => !line.startsWith("/var/lib/nodepools/"));
    expect({ ...now, host: unmarked }).toEqual(adopted);
  });

  it("J-10b J-24 refuses a host of k3s, and names both keys of one with another than the pinned; both stay as they are", async () => {
    expect(joining.text).toMatch(/the host runs k3s \(\/etc\/rancher\/k3s\)/);
    const message = joining.text.split("\n").find((line) => /error.*10\.89\.0\.14/.test(line));
    const keyOn = async (name: string) =>
      (await onHost(name, "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub")).match(fingerprint)?.[0];
    expect(message?.match(fingerprint)?.sort()).toEqual([await keyOn("w1"), await keyOn("w4")].sort());
    expect(await fingerprints()).toEqual(refused);
  });

  it("J-01 J-40 joins the clean host with exactly these, by a token that no process shows and nothing keeps", async () => {
    expect(await readyNodes()).toEqual(members);
    expect(await ownLabels("w2")).toEqual(labels);
    expect((await nodes()).get("w2")?.spec.taints).toEqual([taint]);
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
});

describe("its nodes", () => {
  let former: string | undefined;

  it("J-03 J-37 J-40 change in place and nobody logs in, nor to another stack's host, while a mended one joins", async () => {
    other.declare([{ name: "workers", hosts: [host(4)] }]);
    await succeeds(other.up());
    await onHost("w3", "rm -rf /etc/rancher");
    for (const name of ["w2", "w4"]) await podOn(name);
    const all = [...members, "w4"];
    const others = async () => {
      const { labels, annotations, uid } = (await nodes()).get("w4")?.metadata ?? {};
      return { labels, annotations, uid };
    };
    const before = [await Promise.all(all.map(look)), await others()];
    const logins = await loginsOnAll(all);
    declare([host(1), host(2, { state: "cordoned" }), host(3)], { labels: { "example.com/tier": "front" } });
    await up();
    // Counting takes a login itself.
    expect(await loginsOnAll(all)).toEqual(logins.map((count) => count + 1));
    expect([await Promise.all(all.map(look)), await others()]).toEqual(before);
    expect(await readyNodes()).toEqual(["w1", "w3", "w4"]);
    const w2 = (await nodes()).get("w2");
    expect(w2?.metadata.labels["example.com/tier"]).toBe("front");
    expect(w2?.spec.unschedulable).toBe(true);
    expect((await nodes()).get("w1")?.spec.taints ?? []).toEqual([]);
    await succeeds(other.destroy());
    expect(await remainsOf("w4")).toEqual([]);
  });

  it("are uncordoned, and rebooted: Ready with a new boot id", async () => {
    const before = await bootOf("w3");
    declare([host(1), host(2), host(3, { rebootTrigger: "1" }), host(4)]);
    await up();
    expect(await bootOf("w3")).not.toBe(before);
    expect(await readyNodes()).toEqual(["w1", "w2", "w3", "w4"]);
  });

  it("J-26 J-28 D-P01 drain under the budget, one for maintenance and two that leave; no pod lands on these, and their hosts are as good as new", async () => {
    await kubectl("delete", "deployment", "on-w2", "on-w4", "--wait=false");
    await apply(...spreadDeployment("web", 8, 2));
    await eventually("eight replicas on four nodes", 120, () => isServing("web", 8));
    const leaving = (await placesOf("web")).filter((node) => node !== "w1");
    expect([...new Set(leaving)].sort()).toEqual(["w2", "w3", "w4"]);
    await using watch = await watchOf("web");
    const moment = `${new Date().toISOString().slice(0, 19)}Z`;
    await eventually("the next second", 5, async () => new Date().toISOString().slice(0, 19) > moment);
    declare([host(1), host(4, { state: "maintenance" })]);
    await up();
    await eventually("eight replicas on one node", 120, () => isServing("web", 8));
    expect(watch.seen()).toBeGreaterThan(1);
    expect(watch.violations()).toEqual([]);
    const places = await placedSince(moment);
    expect(places.length).toBeGreaterThanOrEqual(leaving.length);
    expect(places.filter((node) => node === "w2" || node === "w3")).toEqual([]);
    expect([...new Set(await placesOf("web"))]).toEqual(["w1"]);
    expect([...(await nodes()).keys()].sort()).toEqual(["w1", "w4"]);
    expect(await readyNodes()).toEqual(["w1"]);
    for (const name of ["w2", "w3"]) expect(await remainsOf(name)).toEqual([]);
  });

  it("J-26 J-29 are replaced when lost, by a host that did not come back when booted, but is declared again", async () => {
    former = await uidOf("w4");
    await power(lab, "w4", "off");
    await power(lab, "w3", "reboot");
    const starts = async () => Number(await onHost("w3", "systemctl show kubelet -p NRestarts --value"));
    await eventually("another start of the kubelet", 60, async () => (await starts()) > 0);
    expect([...(await nodes()).keys()].sort()).toEqual(["w1", "w4"]);
    // The kubelet ends at once each time.
    await eventually("w3 to be clean", 60, async () => (await remainsOf("w3")).length === 0);
    await untilSilent("w4");
    declare([host(1), host(3), host(4, { state: "lost" })]);
    await up();
    expect(await readyNodes()).toEqual(["w1", "w3"]);
    expect([...(await nodes()).keys()].sort()).toEqual(["w1", "w3"]);
  });

  it("J-29 D-P15 are taken back wiped; the next run changes nothing and logs in nowhere", async () => {
    await power(lab, "w4", "on");
    await eventually("w4 to register itself again", 60, async () => (await nodes()).has("w4"));
    declare([host(1), host(3), host(4, { rejoinTrigger: "1" })]);
    expect(await up()).toMatch(/reset before joining/);
    expect(await readyNodes()).toEqual(["w1", "w3", "w4"]);
    expect(await uidOf("w4")).not.toBe(former);
    const [names, before] = [["w1", "w3", "w4"], await loginsOnAll(["w1", "w3", "w4"])];
    await succeeds(stack.up("--expect-no-changes"));
    expect(await loginsOnAll(names)).toEqual(before.map((count) => count + 1));
  });
});
