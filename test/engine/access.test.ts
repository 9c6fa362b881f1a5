// Everything that the program does day by day, done with the identity that `access` declares and nothing more.
import { join } from "node:path";
import { AuthorizationV1Api, KubeConfig } from "@kubernetes/client-node";
import { beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { adminConfig } from "../support/admin-config.ts";
import { writeKubeconfig } from "../support/lab-identity.ts";
import { nodeNamed, nodes, readyNodes } from "./site/nodes.ts";
import { review } from "./site/review.ts";
import { expectSaid, fails, saidOf, stepsOf, succeeds } from "./site/run.ts";
import { remainsOf, setScene } from "./site/scene.ts";

const namespace = "nodepools";
const name = "nodepools";

const scene = setScene("access", 3);
let kubeconfig: string;

/** Declares the pool as an administrator or, once it exists, as the declared identity. */
function declare(count: number, login: object): void {
  const hosts = scene.hosts.map((host) => host.declare());
  const pools = [{ name: "workers", hosts, count, limits: { maxRemovals: 1 } }];
  scene.stack.declare(pools, { cluster: { access: { namespace }, ...login } });
}
const asAdmin = () => ({ kubeconfig: scene.site.kubeconfigPath, context: "test" });
const asItself = () => ({ kubeconfig, context: "pools" });

async function inventory(): Promise<unknown> {
  const { data } = await scene.site.core.readNamespacedConfigMap({ namespace, name: "nodepools-inventory" });
  return parse(data?.["inventory.yaml"] ?? "");
}

const inventoryOf = (...members: string[]) => ({
  owner: scene.stack.owner,
  pools: [{ name: "workers", members }],
});

/** Asks the API server, as the identity, whether it may do something. */
async function may(verb: string, resource: string, subresource = ""): Promise<boolean> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const body = { spec: { resourceAttributes: { verb, resource, subresource, namespace } } };
  const review = await config.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({ body });
  return review.status?.allowed === true;
}

/** Writes a kubeconfig with a token of a declared ServiceAccount. */
async function logIn(account: string, path: string): Promise<void> {
  const { status } = await scene.site.core.createNamespacedServiceAccountToken({
    namespace,
    name: account,
    body: { spec: { audiences: [], expirationSeconds: 3600 } },
  });
  const access = adminConfig(scene.site.api.kubeconfigText);
  const cluster = access.getCurrentCluster();
  writeKubeconfig(
    { kubeconfig: path, context: "pools" },
    { server: cluster?.server, "certificate-authority-data": cluster?.caData },
    status?.token ?? "",
  );
}

beforeAll(async () => {
  kubeconfig = join(scene.site.folder, "access.conf");
  await scene.site.core.createNamespace({ body: { metadata: { name: namespace } } });
});

it("comes into being with an administrator's kubeconfig, with the inventory", async () => {
  declare(2, asAdmin());
  await succeeds(scene.stack.up());
  expect(await inventory()).toEqual(inventoryOf("w1", "w2"));
});

it("may not do what the program does not", async () => {
  await logIn(name, kubeconfig);
  expect(await may("create", "pods", "eviction")).toBe(true);
  expect(await may("create", "pods")).toBe(false);
  expect(await may("get", "secrets")).toBe(false);
});

it("H1 is reviewed by a preview with the identity that may only look, which changes nothing", async () => {
  await scene.pods.create("w2", "one");
  const looking = join(scene.site.folder, "preview.conf");
  await logIn("nodepools-preview", looking);
  declare(1, { kubeconfig: looking, context: "pools" });
  const { status, stack } = await review(scene);
  expect([status, stack.verdict]).toEqual([0, "needs-care"]);
  expect(stack.concerns.map(({ kind }) => kind)).toEqual(["down"]);
  const kinds = stack.facts.filter(({ kind }) => kind === "moves" || kind === "unknown");
  expect(kinds).toMatchObject([{ kind: "moves", owners: [{ pods: 1 }] }]);
  const run = await fails(scene.stack.up());
  expect(saidOf(run).join("\n")).toContain(`system:serviceaccount:${namespace}:nodepools-preview`);
  expect((await nodeNamed("w2")).spec?.unschedulable).toBeUndefined();
});

it("takes over with its own kubeconfig without touching a node, joins one and keeps the inventory current", async () => {
  const seen = async () => [
    (await nodeNamed("w1")).metadata?.uid,
    (await nodeNamed("w2")).metadata?.uid,
    scene.host(1).logins(),
    scene.host(2).logins(),
  ];
  const before = await seen();
  declare(3, asItself());
  const steps = stepsOf(await succeeds(scene.stack.up()));
  expect(steps.filter((step) => / w[12]$/.test(step))).toEqual([]);
  expect(steps).toContain("create NodeMembership w3");
  expect(await seen()).toEqual(before);
  expect(await readyNodes()).toEqual(["w1", "w2", "w3"]);
  expect(await inventory()).toEqual(inventoryOf("w1", "w2", "w3"));
});

it("refreshes, drains a node that leaves, and takes it away", async () => {
  await scene.pods.create("w3", "two");
  declare(2, asItself());
  const run = await succeeds(scene.stack.up("--refresh"));
  expectSaid(run, "NodeMembership w3", "drained: 1 pod moved");
  expect([...(await nodes()).keys()].sort()).toEqual(["w1", "w2"]);
  expect(await scene.pods.staying()).toEqual(["one"]);
  expect(await remainsOf(scene.host(3))).toEqual([]);
  expect(await inventory()).toEqual(inventoryOf("w1", "w2"));
});

it("cannot take its own rights away", async () => {
  const kept = await fails(scene.stack.destroy());
  expect(saidOf(kept).join("\n")).toContain(
    `is forbidden: User "system:serviceaccount:${namespace}:${name}"`,
  );
});
