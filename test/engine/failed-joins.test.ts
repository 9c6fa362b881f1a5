// Joins that the cluster hinders: a token that ends, a closed cluster-info, a node that does not become Ready.
import { type V1Secret, VersionApi } from "@kubernetes/client-node";
import { expect, it } from "vitest";
import { adminConfig } from "../support/admin-config.ts";
import { nodeNamed, readyNodes, setReady, tokens } from "./site/nodes.ts";
import { expectSaid, fails, saidOf, stepsOf, succeeds } from "./site/run.ts";
import { setScene } from "./site/scene.ts";

const scene = setScene("hindered", 2);

const declare = (count: number, more: object = {}): void =>
  scene.stack.declare([
    { name: "workers", ...more, hosts: scene.hosts.slice(0, count).map((host) => host.declare()) },
  ]);

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

it("J-12 by the end of its token fails, and the next run joins with another", async () => {
  const { core } = scene.site;
  await scene.host(1).run("touch /run/hold-join");
  declare(1);
  const failing = scene.stack.up();
  await scene.host(1).run("timeout 100 sh -c 'until test -e /run/held-join; do sleep 0.1; done'");
  const [name = ""] = await tokens();
  const secret = await core.readNamespacedSecret({ namespace: "kube-system", name });
  // What the tokencleaner does once a token has expired.
  await core.deleteNamespacedSecret({ namespace: "kube-system", name });
  await expect.poll(() => isAccepted(secret), { timeout: 20_000 }).toBe(false);
  await scene.host(1).run("rm /run/hold-join");
  expectSaid(await fails(failing), "Command w1", /Unauthorized/);
  expect(await readyNodes()).toEqual([]);

  await succeeds(scene.stack.up());
  expect(await readyNodes()).toEqual(["w1"]);
  expect(await tokens()).toEqual([]);
});

it("J-16 by a node that does not become Ready fails with pod, reason and condition; mended, it ends without a second join", async () => {
  const message = "cni plugin not initialized";
  await scene.host(2).run(`echo '${message}' > /run/not-ready; echo 'E1128 it is broken' > /run/kubelet.log`);
  const labels = { "example.com/tier": "general" };
  declare(2, { labels, readyTimeoutSeconds: 10 });
  // The scheduler places it at once; it is there when the Node is looked at.
  await scene.pods.create("w2", "network", { phase: "Pending" });
  const run = await fails(scene.stack.up());
  expectSaid(run, "NodeMembership w2", `node "w2" to be Ready: not after 10 s; Ready is False (${message})`);
  expectSaid(run, "NodeMembership w2", "pod default/network: Pending");
  expectSaid(run, "NodeMembership w2", "kubelet: E1128 it is broken");
  const joined = await scene.host(2).run("stat -c %y /etc/kubernetes/kubelet.conf");

  await setReady("w2", "True");
  const mended = await succeeds(scene.stack.up());
  expect(saidOf(mended, "Command w2")).toEqual([]);
  expect(await scene.host(2).run("stat -c %y /etc/kubernetes/kubelet.conf")).toBe(joined);
  expect(await readyNodes()).toEqual(["w1", "w2"]);
  expect((await nodeNamed("w2")).metadata?.labels).toMatchObject(labels);
  expect(stepsOf(await succeeds(scene.stack.preview()))).toEqual([]);
});
