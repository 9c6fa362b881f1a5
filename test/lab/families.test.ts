// One life for hosts of every family, side by side: each is joined, rebooted or joined anew, and removed by the same runs.
import { afterAll, beforeAll, expect, it } from "vitest";
import { addFamilyHosts } from "../../lab/family-hosts.ts";
import { power } from "../../lab/lab.ts";
import type { LabStack } from "../../lab/stack.ts";
import { readyAmong } from "../support/more-hosts.ts";
import { succeeds } from "../support/pulumi-run.ts";
import {
  apply,
  createStack,
  eventually,
  host,
  kubectl,
  lab,
  nodes,
  onHost,
  remainsOf,
} from "../support/test-lab.ts";
import { deploymentOn, isServing } from "../support/workloads.ts";

const [hardened, withRoot, withSecond] = ["w31", "w32", "w33"];
const names = [hardened, withRoot, withSecond];
const secondSocket = "/run/second/containerd.sock";

let stack: LabStack;

/** Has all of them as members; a reboot is asked of two, a new join of the one whose kubelet has another root. */
async function up(reboot: object = {}, rejoin: object = {}): Promise<void> {
  const hosts = [
    host(31, { ...reboot, user: "ops" }),
    host(32, rejoin),
    host(33, { ...reboot, criSocket: `unix://${secondSocket}` }),
  ];
  stack.declare([{ name: "families", maxUnavailable: names.length, drain: { timeoutSeconds: 60 }, hosts }]);
  await succeeds(stack.up());
  expect(await readyAmong(names)).toEqual(names);
}

/** What a reboot changes of a Node, and what a join does. */
const bootAndUidOf = async (name: string) => {
  const node = (await nodes()).get(name);
  return [node?.status.nodeInfo.bootID, node?.metadata.uid];
};

/** Waits until each node runs a pod, whose token is a mount below the kubelet's root. */
async function expectPods(): Promise<void> {
  await eventually("a pod on each node", 60, async () => {
    const serving = await Promise.all(names.map((name) => isServing(`on-${name}`, 1)));
    return serving.every(Boolean);
  });
}

// The runtime of one of them may have to be built first.
beforeAll(async () => {
  await addFamilyHosts(lab, { 31: "strange-login", 32: "kubelet-root", 33: "second-runtime" });
  stack = await createStack("families");
}, 900_000);

afterAll(async () => {
  for (const name of names) await power(lab, name, "off");
});

it("J-C1 J-C3 J-C11 joins them, each with what it has, and their pods run", async () => {
  await up();
  await apply(...names.map((name) => deploymentOn(name, `on-${name}`)));
  await expectPods();
  expect(await onHost(withRoot, "findmnt -rno TARGET | grep -c '^/data/volumes/kubelet/pods/'")).toBe("1");
  expect(await onHost(withSecond, `ctr --address ${secondSocket} -n k8s.io tasks ls -q | wc -l`)).toBe("2");
});

it("J-C5 J-C3 reboots two, although a logind ends whatever a login leaves behind, and joins one anew over an old mount", async () => {
  const before = await Promise.all(names.map(bootAndUidOf));
  await onHost(
    withRoot,
    "mkdir -p /data/kubelet/pods/old/share; mount -t tmpfs share /data/kubelet/pods/old/share",
  );
  await up({ rebootTrigger: "1" }, { rejoinTrigger: "1" });
  const now = await Promise.all(names.map(bootAndUidOf));
  const changed = now.map((values, at) => values.map((value, of) => value !== before[at]?.[of]));
  expect(changed).toEqual([
    [true, false],
    [false, true],
    [true, false],
  ]);
  expect(await onHost(hardened, "findmnt -no OPTIONS /run")).toContain("noexec");
  await expectPods();
});

it("J-C3 J-C11 removes them, and leaves nothing but what was somebody else's", async () => {
  await kubectl("delete", "deployment", "--all", "--wait=false");
  await succeeds(stack.destroy());
  for (const name of names) expect(await remainsOf(name)).toEqual([]);
  expect(
    await onHost(withRoot, "find /data -mindepth 1 -not -type d | sort; findmnt -rno TARGET | grep ^/data"),
  ).toBe("/data/kubelet\n/data/volumes/kubelet/somebody-elses-file\n/data");
  expect(await onHost(withSecond, `ctr --address ${secondSocket} -n k8s.io containers ls -q`)).toBe("");
});
