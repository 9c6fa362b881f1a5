// A kubeconfig of another cluster than the one that the hosts of the stack have joined.
import { randomBytes } from "node:crypto";
import { rootCertificates } from "node:tls";
import { expect, it, onTestFinished } from "vitest";
import {
  enrollmentInputs,
  enrollmentOutputs,
  membershipOutputs,
  owner,
} from "../../support/provider-inputs.ts";
import { startProvider } from "../../support/provider-process.ts";
import type { Sshd } from "../../support/sshd.ts";
import { shareKey, startCluster, startEnrolling, startHost } from "./site.ts";

const otherCa = `sha256:${randomBytes(32).toString("hex")}`;
const machineId = "d".repeat(32);

/** A member of another cluster, whose host does not answer. */
const member = (host: Sshd["host"], more: object = {}) =>
  enrollmentOutputs({
    node: "w1",
    machineId,
    host: { ...host, address: "127.0.0.99" },
    clusterCa: otherCa,
    ...more,
  });

async function startScene() {
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const cluster = await startCluster(stack);
  const host = stack.use(await startHost("e", cluster.gitVersion));
  return { stack, host, ...cluster, ...(await startEnrolling(stack, cluster.api, host.credentials)) };
}

const refusal =
  /host "w1" joined another one \(CA sha256:\w+\) than the kubeconfig's \(CA sha256:\w+\); nothing was changed\. Is nodepools:cluster right\? .*run `kubeadm reset` on it/;

it("J-A17 stops every change before its first write, whichever host the engine asks about first", async () => {
  const { provider, host, core } = await startScene();
  const { check, diff, create, read } = provider.of("HostEnrollment");
  const news = { ...enrollmentInputs({ node: "w2", host: host.host }), roster: place(2) };
  await check({}, news);
  const joining = create(news);
  const olds = member(host.host);
  await check(olds, olds);
  await expect(diff(olds, olds)).rejects.toThrow(refusal);
  await expect(joining).rejects.toThrow(refusal);
  await expect(diff(olds, { ...olds, rejoinTrigger: "2" })).rejects.toThrow(refusal);
  const { items } = await core.listNamespacedSecret({ namespace: "kube-system" });
  expect(items.filter(({ type }) => type === "bootstrap.kubernetes.io/token")).toEqual([]);
  await expect(read(olds)).rejects.toThrow(refusal);
  const inState = membershipOutputs({ node: "w1", machineId });
  await expect(provider.of("NodeMembership").read(inState)).rejects.toThrow(refusal);
});

it("J-A17 asks another declared host when the engine tells of the new one alone, as with --target", async () => {
  const { stack, host, api, gitVersion, core } = await startScene();
  const joined = stack.use(
    await startHost("f", gitVersion, {
      "/etc/kubernetes/pki/ca.crt": rootCertificates[0] ?? "",
      "/var/lib/nodepools/owner": `owner=${owner}\ncluster=${otherCa}\nnode=w1\n`,
    }),
  );
  shareKey(host, joined);
  const hosts = [
    { name: "w1", ...joined.host },
    { name: "w2", ...host.host },
  ];
  const pools = { "nodepools:pools": JSON.stringify([{ name: "workers", hosts }]) };
  const { provider } = await startEnrolling(stack, api, host.credentials, pools);
  const { check, create } = provider.of("HostEnrollment");
  const news = { ...enrollmentInputs({ node: "w2", host: host.host }), roster: place(2) };
  await check({}, news);
  await expect(create(news)).rejects.toThrow(refusal);
  const { items } = await core.listNamespacedSecret({ namespace: "kube-system" });
  expect(items.filter(({ type }) => type === "bootstrap.kubernetes.io/token")).toEqual([]);
});

it("J-A17 joins the host again that somebody has reset, and joins where no host is in another cluster", async () => {
  const { stack, provider, host, enroll, gitVersion } = await startScene();
  const left = stack.use(await startHost("f", gitVersion));
  shareKey(host, left);
  const olds = member(left.host, { machineId: "f".repeat(32), host: left.host });
  const { check, diff } = provider.of("HostEnrollment");
  await check(olds, olds);
  expect(await diff(olds, olds)).toEqual({ changes: true, replaces: ["joinConfiguration"] });
  expect((await enroll("w2", host)).outs.clusterCa).toMatch(/^sha256:/);
});

it("J-A17 takes the cluster whose CA was renewed for the same one: by its bundle, and by its Node", async () => {
  const { provider, host, core, api, stack } = await startScene();
  const olds = member(host.host);
  await core.createNode({ body: { metadata: { name: "w1" } } });
  const status = { nodeInfo: nodeInfo(machineId) };
  await core.replaceNodeStatus({ name: "w1", body: { metadata: { name: "w1" }, status } });
  const none = { changes: false, replaces: [] };
  expect(await provider.of("HostEnrollment").diff(olds, olds)).toEqual(none);

  const ca = Buffer.from(caOf(api.kubeconfigText), "base64").toString();
  const former = stack.use(await startCluster(stack).then(({ api: other }) => other));
  const bundle = `${Buffer.from(caOf(former.kubeconfigText), "base64")}\n${ca}`;
  const text = api.kubeconfigText.replace(caOf(api.kubeconfigText), Buffer.from(bundle).toString("base64"));
  const rotating = stack.use(
    await startProvider({
      "nodepools:cluster": JSON.stringify({ kubeconfig: text }),
      "nodepools:ssh": JSON.stringify(host.credentials),
    }),
  );
  const { outs } = await rotating
    .of("HostEnrollment")
    .create(enrollmentInputs({ node: "w2", host: host.host }));
  expect(outs.clusterCa).toMatch(/^sha256:/);
  await core.deleteNode({ name: "w1" });
  const ofFormer = member(host.host, { clusterCa: outs.clusterCa });
  const { diff } = rotating.of("HostEnrollment");
  // A list of Nodes serves for a second.
  await expect
    .poll(() => diff(ofFormer, ofFormer), { timeout: 20_000, interval: 500 })
    .toMatchObject({ changes: true });
});

const place = (members: number) => ({ members, pool: "workers", maxUnavailable: 1 });

function caOf(kubeconfig: string): string {
  return /certificate-authority-data: ([^\s,}]+)/.exec(kubeconfig)?.[1] ?? "";
}

function nodeInfo(machineID: string) {
  const software = { containerRuntimeVersion: "c://1", kubeletVersion: "v1", kubeProxyVersion: "" };
  const system = { bootID: "b", systemUUID: "u", kernelVersion: "6", osImage: "none", architecture: "amd64" };
  return { machineID, operatingSystem: "linux", ...system, ...software };
}
