// A drain by an identity that may not do everything, on a real API server with RBAC.
import { AuthorizationV1Api, type V1PolicyRule, type V1ResourceAttributes } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { beginDrain } from "../../../components/drain/begin-drain.ts";
import { connectKube } from "../../../components/kube/connect.ts";
import { systemClock } from "../../../components/model/clock.ts";
import { adminConfig } from "../../support/admin-config.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { drain, strictPolicy, until } from "./harness.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

it("D-V18 stops at once for a pod that the identity may not evict, names the verb, and evicts the others", async () => {
  const fixture = await createNodeFixture(api);
  const other = await createNodeFixture(api);
  await fixture.createPod("mine");
  await other.createPod("theirs", { nodeName: fixture.nodeName });
  await using _ = fixture.kubelet();
  const user = `limited-${fixture.namespace}`;
  await grantDrain(fixture, user);
  await using proxy = await startFaultProxy(api, user);
  const { failure } = await drain(proxy.kubeconfig, fixture.nodeName);
  expect(failure).toContain(`draining node "${fixture.nodeName}": 1 pod cannot be evicted:\n`);
  expect(failure).toContain(
    `the eviction is refused: pods "theirs" is forbidden: User "${user}" cannot create resource "pods/eviction" in API group "" in the namespace "${other.namespace}": ${other.key("theirs")}`,
  );
  expect(proxy.count("POST", "/pods/theirs/eviction")).toBe(1);
  expect(await fixture.podNames()).toEqual([]);
});

it("D-E27 evicts nothing when the pods of the node may not be listed", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("web-1");
  const admin = connectKube({ kubeconfig: api.kubeconfigPath });
  await beginDrain(admin, fixture.nodeName, strictPolicy, systemClock.now);
  const user = `reader-${fixture.namespace}`;
  await grantCluster(fixture, user, [{ apiGroups: [""], resources: ["nodes"], verbs: ["get"] }]);
  await using proxy = await startFaultProxy(api, user);
  const { failure } = await drain(proxy.kubeconfig, fixture.nodeName);
  expect(failure).toBe(
    `listing the pods of Node "${fixture.nodeName}": pods is forbidden: User "${user}" cannot list resource "pods" in API group "" at the cluster scope (403)`,
  );
  expect(proxy.count("POST", "/eviction")).toBe(0);
});

it("D-R05 evicts nothing when the owners whose replacements are waited for may not be read", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("web-1");
  const user = `narrow-${fixture.namespace}`;
  await grantDrain(fixture, user);
  await using proxy = await startFaultProxy(api, user);
  const { failure } = await drain(proxy.kubeconfig, fixture.nodeName, { waitForReplacements: true });
  expect(failure).toContain(
    `drain.waitForReplacements needs a right that is missing; no pod was evicted: reading ReplicaSet "${fixture.key("web")}": replicasets.apps "web" is forbidden: User "${user}" cannot get resource "replicasets" in API group "apps"`,
  );
  expect(proxy.count("POST", "/eviction")).toBe(0);
});

type Fixture = Awaited<ReturnType<typeof createNodeFixture>>;

const rbacGroup = "rbac.authorization.k8s.io";
const subjectsOf = (user: string) => [{ kind: "User", name: user, apiGroup: rbacGroup }];
const roleRefTo = (kind: string, name: string) => ({ apiGroup: rbacGroup, kind, name });

async function grantCluster({ rbac }: Fixture, user: string, rules: V1PolicyRule[]) {
  const metadata = { name: user };
  await rbac.createClusterRole({ body: { metadata, rules } });
  const roleRef = roleRefTo("ClusterRole", user);
  await rbac.createClusterRoleBinding({ body: { metadata, subjects: subjectsOf(user), roleRef } });
  await untilAllowed(user, { verb: "get", resource: "nodes" });
}

/** Waits until the server, whose authorizer hears of grants a little later than it takes them, allows something. */
function untilAllowed(user: string, resourceAttributes: V1ResourceAttributes): Promise<void> {
  const config = adminConfig(api.kubeconfigText);
  const authorization = config.makeApiClient(AuthorizationV1Api);
  return until(`${user} may ${resourceAttributes.verb} ${resourceAttributes.resource}`, async () => {
    const body = { spec: { user, resourceAttributes } };
    return (await authorization.createSubjectAccessReview({ body })).status?.allowed === true;
  });
}

/** Lets a user drain nodes, but evict in one namespace only. */
async function grantDrain(fixture: Fixture, user: string) {
  const { namespace, rbac } = fixture;
  await grantCluster(fixture, user, [
    { apiGroups: [""], resources: ["nodes", "pods"], verbs: ["get", "list", "watch", "patch"] },
    { apiGroups: ["policy"], resources: ["poddisruptionbudgets"], verbs: ["list", "watch"] },
    { apiGroups: ["storage.k8s.io"], resources: ["volumeattachments"], verbs: ["list"] },
  ]);
  const metadata = { name: user };
  const rules = [{ apiGroups: [""], resources: ["pods/eviction"], verbs: ["create"] }];
  await rbac.createNamespacedRole({ namespace, body: { metadata, rules } });
  const roleRef = roleRefTo("Role", user);
  await rbac.createNamespacedRoleBinding({
    namespace,
    body: { metadata, subjects: subjectsOf(user), roleRef },
  });
  await untilAllowed(user, { namespace, verb: "create", resource: "pods", subresource: "eviction" });
}
