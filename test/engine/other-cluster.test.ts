// A kubeconfig of another cluster that can be reached, with each kind of change.
import { CoreV1Api } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { adminConfig } from "../support/admin-config.ts";
import { type ApiServer, startApiServer } from "../support/api-server.ts";
import { nodeNamed, readyNodes } from "./site/nodes.ts";
import { type EngineRun, fails, saidOf, stepsOf, succeeds } from "./site/run.ts";
import { fingerprintOf, setScene } from "./site/scene.ts";

const scene = setScene("other-cluster", 2);
let other: ApiServer;
let otherCore: CoreV1Api;

const declare = (hosts: readonly object[], cluster: object = {}, pool: object = {}): void =>
  scene.stack.declare([{ name: "workers", limits: { maxRemovals: "100%" }, ...pool, hosts }], { cluster });
const wrong = () => ({ kubeconfig: other.kubeconfigPath, context: undefined });
const look = async () => [
  (await nodeNamed("w1")).metadata?.resourceVersion,
  await fingerprintOf(scene.host(1)),
  await fingerprintOf(scene.host(2)),
  scene.stack.state().get("NodeMembership w1")?.outputs,
  // A secret is encrypted anew by each run.
  { ...scene.stack.state().get("HostEnrollment w1")?.outputs, joinConfiguration: "" },
];
const expectRefused = (run: EngineRun) => {
  const said = saidOf(run).join("\n");
  expect(said).toMatch(/joined another one \(CA|is joined to another cluster than the kubeconfig's/);
  expect(said).toContain("nodepools:cluster");
  expect(said).toContain("`kubeadm reset`");
};

beforeAll(async () => {
  other = await startApiServer();
  const admin = adminConfig(other.kubeconfigText);
  otherCore = admin.makeApiClient(CoreV1Api);
  await otherCore.createNamespacedConfigMap({
    namespace: "kube-public",
    body: { metadata: { name: "cluster-info" }, data: { kubeconfig: other.kubeconfigText } },
  });
  declare([scene.host(1).declare()]);
  await succeeds(scene.stack.up());
});
afterAll(() => other.stop());

it("J-A17 refuses a new host at preview, and at up also with other changes, first in the list or not, and mints no token", async () => {
  const before = await look();
  const [w1, w2] = [scene.host(1), scene.host(2).declare()];
  declare([w1.declare(), w2], wrong());
  expectRefused(await fails(scene.stack.preview()));
  const labels = { "example.com/tier": "a" };
  declare([w2, w1.declare({ rebootTrigger: "1", rejoinTrigger: "1" })], wrong(), { labels });
  expectRefused(await fails(scene.stack.up("--continue-on-error")));
  expect((await otherCore.listNode()).items).toEqual([]);
  const { items } = await otherCore.listNamespacedSecret({ namespace: "kube-system" });
  expect(items.filter(({ type }) => type === "bootstrap.kubernetes.io/token")).toEqual([]);
  expect(await look()).toEqual(before);
});

it("J-A17 goes on with the right kubeconfig as if nothing had been", async () => {
  const before = await look();
  declare([scene.host(1).declare()]);
  await succeeds(scene.stack.up());
  expect(await look()).toEqual(before);
});

it("J-A17 refuses a removal, a refresh and a destroy, from the first run on in which an enrollment has told of its cluster", async () => {
  const before = await look();
  declare([], wrong());
  expectRefused(await fails(scene.stack.up()));
  expectRefused(await fails(scene.stack.refresh()));
  expectRefused(await fails(scene.stack.destroy()));
  expect(await look()).toEqual(before);

  // With the roster the destroy has begun.
  declare([scene.host(1).declare()]);
  expect(stepsOf(await succeeds(scene.stack.up()))).toEqual(["create Roster cluster"]);
  expect(await look()).toEqual(before);
  expect(await readyNodes()).toEqual(["w1"]);
});
