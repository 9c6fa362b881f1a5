// One life for hosts of every family, side by side: each is joined, rebooted, joined anew and removed by the same runs.
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

/** Declares all of them; what is given is added to each. */
function declare(others: object = {}): void {
  const hosts = [
    host(31, { ...others, user: "ops" }),
    host(32, others),
    host(33, { ...others, criSocket: `unix://${secondSocket}` }),
  ];
  stack.declare([{ name: "families", maxUnavailable: names.length, drain: { timeoutSeconds: 60 }, hosts }]);
}

async function up(others: object = {}): Promise<string> {
  declare(others);
  const { text } = await succeeds(stack.up());
  expect(await readyAmong(names)).toEqual(names);
  return text;
}

const boots = async () => {
  const all = await nodes();
  return names.map((name) => all.get(name)?.status.nodeInfo.bootID);
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

it("J-C5 reboots them, although a logind ends whatever a login leaves behind", async () => {
  const before = await boots();
  await up({ rebootTrigger: "1" });
  expect((await boots()).filter((boot) => before.includes(boot))).toEqual([]);
  expect(await onHost(hardened, "findmnt -no OPTIONS /run")).toContain("noexec");
  await expectPods();
});

it("J-C3 joins them anew", async () => {
  const uids = async () => [...(await nodes()).values()].map(({ metadata }) => metadata.uid);
  const before = await uids();
  await onHost(
    withRoot,
    "mkdir -p /data/kubelet/pods/old/share; mount -t tmpfs share /data/kubelet/pods/old/share",
  );
  await up({ rebootTrigger: "1", rejoinTrigger: "1" });
  expect((await uids()).filter((uid) => before.includes(uid))).toEqual([]);
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
