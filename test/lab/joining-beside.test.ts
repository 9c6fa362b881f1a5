// What a join touches: the host that is new and nothing else, neither the pool's other nodes nor another stack's.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabStack } from "../../lab/stack.ts";
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
} from "../support/test-lab.ts";
import { deploymentOn, stayingPods } from "../support/workloads.ts";

const former = ["w1", "w2"];
const labels = { "example.com/tier": "general" };
const taint = { key: "dedicated", value: "batch", effect: "NoSchedule" };
const fingerprint = /SHA256:[A-Za-z0-9+/]{43}/g;

/** Returns the pinned key of a host, as `type base64`. */
function keyOf(address: string): string {
  const line = readFileSync(lab.knownHosts, "utf8")
    .split("\n")
    .find((text) => text.startsWith(`${address} `));
  return (line ?? "").split(" ").slice(1, 3).join(" ");
}

describe("a join", () => {
  let dev: LabStack;
  let prod: LabStack;
  let before: unknown;
  let logins: readonly number[];

  const declareDev = (...indexes: number[]): void =>
    dev.declare([{ name: "workers", labels, taints: [taint], hosts: indexes.map((at) => host(at)) }]);
  /** What else on the nodes of dev could be touched; a login of its own. */
  const look = () =>
    Promise.all(
      former.map(async (name) => ({
        files: await onHost(
          name,
          "find /etc/kubernetes /etc/cni /var/lib/nodepools -type f -printf '%p %T@\\n' | sort",
        ),
        processes: await onHost(name, "pidof containerd kubelet"),
        containers: await onHost(name, "ctr -n k8s.io tasks ls | sort"),
        node: { ...(await nodes()).get(name)?.metadata, resourceVersion: undefined },
        pods: await stayingPods(`on-${name}`),
      })),
    );

  beforeAll(async () => {
    dev = await createStack("beside-dev");
    prod = await createStack("beside-prod");
  });

  afterAll(async () => {
    await kubectl("delete", "deployment", "--all", "--wait=false");
    const runs = await Promise.all([dev.destroy(), prod.destroy()]);
    for (const run of runs) expect(run.ok, run.text).toBe(true);
  });

  it("J-01 is previewed with host, pool, labels and taints, and nothing is changed yet", async () => {
    const found = await Promise.all(former.map(fingerprintOf));
    const logged = await Promise.all(former.map(loginsOn));
    declareDev(1, 2);
    const preview = await succeeds(dev.run(["preview", "--diff"]));
    for (const name of former) {
      const [, membership = ""] = preview.text.split(`NodeMembership::${name}]`);
      expect(membership).toMatch(/^ +labels +: \{\n +example\.com\/tier: "general"$/m);
      expect(membership).toMatch(new RegExp(`^ +node +: "${name}"$`, "m"));
      expect(membership).toMatch(/^ +pool +: "workers"$/m);
      expect(membership).toMatch(/effect: "NoSchedule"\n +key +: "dedicated"\n +value +: "batch"/);
    }
    // Two logins of the test itself: one to count, one to look at the files.
    expect(await Promise.all(former.map(fingerprintOf))).toEqual(found);
    expect(await Promise.all(former.map(loginsOn))).toEqual(logged.map((count) => count + 2));
    expect([await mintedTokens(), [...(await nodes()).keys()]]).toEqual([[], []]);
  });

  it("J-01 makes nodes with exactly these, and leaves no token", async () => {
    await succeeds(dev.up());
    expect(await readyNodes()).toEqual(former);
    for (const name of former) {
      const node = (await nodes()).get(name);
      const own = Object.entries(node?.metadata.labels ?? {}).filter(
        ([key]) => !key.includes("kubernetes.io/"),
      );
      expect(Object.fromEntries(own)).toEqual(labels);
      expect(node?.spec.taints).toEqual([taint]);
    }
    expect(await mintedTokens()).toEqual([]);
    await apply(...former.map((name) => deploymentOn(name, `on-${name}`)));
    await eventually("a pod on each node", 60, async () => {
      const pods = await Promise.all(former.map((name) => stayingPods(`on-${name}`)));
      return pods.every(({ length }) => length === 1);
    });
    before = await look();
    logins = await Promise.all(former.map(loginsOn));
  });

  it("J-24 of a host with another key than the pinned one names both keys and writes nothing; the other host joins", async () => {
    const found = await fingerprintOf("w4");
    const pinned = keyOf("10.89.0.11");
    prod.declare([{ name: "workers", hosts: [host(3), host(4, { hostKey: pinned })] }]);
    const run = await fails(prod.up("--continue-on-error"));
    const message = run.text.split("\n").find((line) => /error.*10\.89\.0\.14/.test(line)) ?? run.text;
    const shown = async (name: string) =>
      (await onHost(name, "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub")).match(fingerprint)?.[0];
    expect(message.match(fingerprint)?.sort()).toEqual([await shown("w1"), await shown("w4")].sort());
    expect(await fingerprintOf("w4")).toBe(found);
    expect(await readyNodes()).toEqual(["w1", "w2", "w3"]);
    logins = logins.map((count, at) => (at === 0 ? count + 1 : count));
  });

  it("J-03 J-40 logs in to the new host alone: the pool's others, and another stack's, stay as they are", async () => {
    declareDev(1, 2, 4);
    const counted = await loginsOn("w3");
    await succeeds(dev.up());
    expect(await readyNodes()).toEqual(["w1", "w2", "w3", "w4"]);
    // Counting takes a login itself.
    expect(await loginsOn("w3")).toBe(counted + 1);
    expect(await Promise.all(former.map(loginsOn))).toEqual(logins.map((count) => count + 1));
    expect(await look()).toEqual(before);
  });
});
