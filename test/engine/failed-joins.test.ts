// Joins that the cluster hinders: a token that ends, a node that does not become Ready.
import { setTimeout as sleep } from "node:timers/promises";
import { type V1Secret, VersionApi } from "@kubernetes/client-node";
import { beforeAll, expect, it } from "vitest";
import { adminConfig } from "../support/admin-config.ts";
import { nodeNamed, readyNodes, setReady, tokens } from "./site/nodes.ts";
import { type EngineRun, expectSaid, fails, saidOf, succeeds } from "./site/run.ts";
import { setScene } from "./site/scene.ts";

const scene = setScene("hindered", 2);
const labels = { "example.com/tier": "general" };
let hindered: EngineRun;
let readyBefore: string[];
let joinOfW2: string;
let mended: EngineRun;

const timeOfJoin = (index: number) => scene.host(index).run("stat -c %y /etc/kubernetes/kubelet.conf");

/** Tells whether the API server still takes a bootstrap token: it hears of a deletion a moment late. */
async function isAccepted({ data = {} }: V1Secret): Promise<boolean> {
  const decode = (key: string) => Buffer.from(data[key] ?? "", "base64").toString();
  const access = adminConfig(scene.site.api.kubeconfigText);
  const [cluster] = access.getClusters();
  if (cluster === undefined) throw new Error("the kubeconfig has no cluster");
  access.loadFromClusterAndUser(cluster, {
    name: "joining",
    token: `${decode("token-id")}.${decode("token-secret")}`,
  });
  return access
    .makeApiClient(VersionApi)
    .getCode()
    .then(
      () => true,
      () => false,
    );
}

/** Does to the token that a host joins with what the tokencleaner does once it has expired. */
async function endTokenOf(host: string): Promise<void> {
  const { core } = scene.site;
  const namespace = "kube-system";
  for (const name of await tokens()) {
    const secret = await core.readNamespacedSecret({ namespace, name });
    const description = Buffer.from(secret.data?.description ?? "", "base64").toString();
    if (!description.startsWith(`nodepools: joins ${host} `)) continue;
    await core.deleteNamespacedSecret({ namespace, name });
    while (await isAccepted(secret)) await sleep(100);
    return;
  }
  throw new Error(`there is no token for ${host}`);
}

beforeAll(async () => {
  const { stack, pods, hosts, host } = scene;
  const declared = hosts.map((one) => one.declare());
  stack.declare([{ name: "workers", labels, readyTimeoutSeconds: 10, hosts: declared }]);
  await host(1).run("touch /run/hold-join");
  await host(2).run(
    "echo 'cni plugin not initialized' > /run/not-ready; echo 'E1128 it is broken' > /run/kubelet.log",
  );
  // The scheduler places it at once; it is there when the Node is looked at.
  await pods.create("w2", "network", { phase: "Pending" });
  const failing = stack.up("--continue-on-error");
  await host(1).run("timeout 100 sh -c 'until test -e /run/held-join; do sleep 0.1; done'");
  await endTokenOf("w1");
  await host(1).run("rm /run/hold-join");
  hindered = await fails(failing);
  readyBefore = await readyNodes();
  joinOfW2 = await timeOfJoin(2);

  await setReady("w2", "True");
  mended = await succeeds(stack.up());
});

it("J-12 by the end of its token fails, and the next run joins with another", async () => {
  expectSaid(hindered, "Command w1", /Unauthorized/);
  expect(readyBefore).toEqual([]);
  expect(await readyNodes()).toEqual(["w1", "w2"]);
  expect(await tokens()).toEqual([]);
});

it("J-16 by a node that does not become Ready fails with pod, reason and condition; mended, it ends without a second join", async () => {
  const condition = 'node "w2" to be Ready: not after 10 s; Ready is False (cni plugin not initialized)';
  expectSaid(hindered, "NodeMembership w2", condition);
  expectSaid(hindered, "NodeMembership w2", "pod default/network: Pending");
  expectSaid(hindered, "NodeMembership w2", "kubelet: E1128 it is broken");
  expect(saidOf(mended, "Command w2")).toEqual([]);
  expect(await timeOfJoin(2)).toBe(joinOfW2);
  expect((await nodeNamed("w2")).metadata?.labels).toMatchObject(labels);
});
