// A kubeconfig of another cluster that can be reached, with each kind of change.
import { CoreV1Api } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { adminConfig } from "../support/admin-config.ts";
import { type ApiServer, startApiServer } from "../support/api-server.ts";
import { nodeNamed, readyNodes } from "./site/nodes.ts";
import { type EngineRun, expectSaid, fails, saidOf, stepsOf, succeeds } from "./site/run.ts";
import { fingerprintOf, setScene } from "./site/scene.ts";

const scene = setScene("other-cluster", 4);
const joined = ["w1", "w2", "w3"];
let other: ApiServer;
let otherCore: CoreV1Api;

/** One pool for each kind of change, and one for a new host. */
interface Change {
  readonly labels?: object;
  readonly rebootTrigger?: string;
  readonly rejoinTrigger?: string;
  readonly newHost?: "first" | "last";
}

function declare(cluster: object, { labels, rebootTrigger, rejoinTrigger, newHost }: Change = {}): void {
  const pools = [
    { name: "labelled", ...(labels && { labels }), hosts: [scene.host(1).declare()] },
    { name: "rebooted", hosts: [scene.host(2).declare(rebootTrigger ? { rebootTrigger } : {})] },
    { name: "rejoined", hosts: [scene.host(3).declare(rejoinTrigger ? { rejoinTrigger } : {})] },
  ];
  const fresh = { name: "fresh", hosts: [scene.host(4).declare()] };
  scene.stack.declare(
    [...(newHost === "first" ? [fresh] : []), ...pools, ...(newHost === "last" ? [fresh] : [])],
    { cluster },
  );
}

const right = {};
const wrong = () => ({ kubeconfig: other.kubeconfigPath, context: undefined });
const look = async () => [
  ...(await Promise.all(joined.map(async (name) => (await nodeNamed(name)).metadata?.resourceVersion))),
  ...(await Promise.all(scene.hosts.map(fingerprintOf))),
  ...joined.map((name) => scene.stack.state().get(`NodeMembership ${name}`)?.outputs),
  // A secret is encrypted anew by each run.
  ...joined.map((name) => ({
    ...scene.stack.state().get(`HostEnrollment ${name}`)?.outputs,
    joinConfiguration: "",
  })),
];
const joinedElsewhere = /joined another one \(CA|is joined to another cluster than the kubeconfig's/;
const expectRefused = (run: EngineRun) => {
  const said = saidOf(run).join("\n");
  expect(said).toMatch(joinedElsewhere);
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
  declare(right);
  await succeeds(scene.stack.up());
});
afterAll(() => other.stop());

it("J-A17 refuses a new host, metadata, a reboot and a rejoin at preview and at up, and mints no token", async () => {
  const before = await look();
  const changes = { labels: { "example.com/tier": "a" }, rebootTrigger: "1", rejoinTrigger: "1" };
  declare(wrong(), { newHost: "last" });
  expectRefused(await fails(scene.stack.preview()));
  declare(wrong(), { ...changes, newHost: "first" });
  const run = await fails(scene.stack.up("--continue-on-error"));
  for (const name of [...joined, "w4"]) expectSaid(run, `HostEnrollment ${name}`, joinedElsewhere);
  expect((await otherCore.listNode()).items).toEqual([]);
  const { items } = await otherCore.listNamespacedSecret({ namespace: "kube-system" });
  expect(items.filter(({ type }) => type === "bootstrap.kubernetes.io/token")).toEqual([]);
  expect(await look()).toEqual(before);
});

it("J-A17 goes on with the right kubeconfig as if nothing had been", async () => {
  const before = await look();
  declare(right);
  await succeeds(scene.stack.up());
  expect(await look()).toEqual(before);
});

it("J-A17 refuses a removal, a refresh and a destroy, from the first run on in which an enrollment has told of its cluster", async () => {
  const before = await look();
  scene.stack.declare([], { cluster: wrong() });
  expectRefused(await fails(scene.stack.up()));
  expectRefused(await fails(scene.stack.refresh()));
  expectRefused(await fails(scene.stack.destroy()));
  expect(await look()).toEqual(before);

  declare(right);
  expect(stepsOf(await succeeds(scene.stack.up()))).toEqual([]);
  expect(await readyNodes()).toEqual(joined);
});
