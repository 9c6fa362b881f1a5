// A host that somebody joined by hand: taken over as it is, and from then on a member like any other.
import { beforeAll, expect, it } from "vitest";
import { nodeNamed, nodes, readyNodes, tokens } from "./site/nodes.ts";
import { expectSaid, stepsOf, succeeds } from "./site/run.ts";
import { remainsOf, setScene } from "./site/scene.ts";

const scene = setScene("adoption", 1);
let uid: string | undefined;

/** Joins w1 as an administrator does, without this program. */
async function joinByHand(): Promise<void> {
  const join = "nodeRegistration: { name: w1, criSocket: 'unix:///run/containerd/containerd.sock' }";
  const kubeconfig = Buffer.from(scene.site.api.kubeconfigText).toString("base64");
  await scene.host(1).run(`mkdir /run/by-hand; cd /run/by-hand; echo "${join}" > join.yaml
    echo ${kubeconfig} | base64 -d > cluster.conf; kubeadm join --config /run/by-hand/join.yaml`);
}

function declare(count: number): void {
  const taints = [{ key: "dedicated", value: "batch", effect: "NoSchedule" }];
  const shared = { labels: { "example.com/tier": "general" }, taints, limits: { maxRemovals: 1 } };
  scene.stack.declare([{ name: "workers", count, ...shared, hosts: [scene.host(1).declare()] }]);
}

beforeAll(async () => {
  await joinByHand();
  uid = (await nodeNamed("w1")).metadata?.uid;
  await scene.pods.create("w1", "old");
});

it("J-09 is adopted: labelled, tainted and stamped, while what is on it stays as it is", async () => {
  const kubeletFiles = await scene
    .host(1)
    .run("find /etc/kubernetes /var/lib/kubelet -type f -printf '%p %T@\\n'");
  declare(1);
  const run = await succeeds(scene.stack.up());
  expectSaid(run, "HostEnrollment w1", `adopted: "w1" is already this machine's node and stays as it is`);
  const { metadata, spec } = await nodeNamed("w1");
  expect(metadata?.uid).toBe(uid);
  expect(metadata?.labels).toMatchObject({ "example.com/tier": "general" });
  expect(metadata?.annotations).toMatchObject({ "nodepools.local/owner": scene.stack.owner });
  expect(spec?.taints).toEqual([{ key: "dedicated", value: "batch", effect: "NoSchedule" }]);
  expect(await scene.host(1).run("find /etc/kubernetes /var/lib/kubelet -type f -printf '%p %T@\\n'")).toBe(
    kubeletFiles,
  );
  expect(await scene.pods.staying()).toEqual(["old"]);
  expect(await tokens()).toEqual([]);
  expect(stepsOf(await succeeds(scene.stack.preview()))).toEqual([]);
});

it("J-09 leaves like any member: drained, reset, clean, its Node gone", async () => {
  declare(0);
  const run = await succeeds(scene.stack.up());
  expectSaid(run, "NodeMembership w1", "drained: 1 pod moved");
  expect([...(await nodes()).keys()]).toEqual([]);
  expect(await remainsOf(scene.host(1))).toEqual([]);
});

it("J-09 is joined by the program when it is declared again", async () => {
  declare(1);
  await succeeds(scene.stack.up());
  expect(await readyNodes()).toEqual(["w1"]);
  expect((await nodeNamed("w1")).metadata?.uid).not.toBe(uid);
});
