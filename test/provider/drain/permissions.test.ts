// A drain by an identity that may not do everything, on a real API server with RBAC.
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { drain } from "./harness.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

it("V18 stops at once for a pod that the identity may not evict, names the verb, and evicts the others", async () => {
  const fixture = await createNodeFixture(api);
  const other = await createNodeFixture(api);
  await fixture.createPod("mine");
  await other.createPod("theirs", { nodeName: fixture.nodeName });
  await using _ = fixture.kubelet();
  const user = `limited-${fixture.namespace}`;
  await grantDrain(fixture, user);
  await using proxy = await startFaultProxy(api, user);
  const { failure } = await drain(proxy.kubeconfig, fixture.nodeName);
  expect(failure).toContain(`draining Node "${fixture.nodeName}": 1 pod cannot be evicted:\n`);
  expect(failure).toContain(
    `the eviction is refused: pods "theirs" is forbidden: User "${user}" cannot create resource "pods/eviction" in API group "" in the namespace "${other.namespace}": ${other.key("theirs")}`,
  );
  expect(proxy.count("POST", "/pods/theirs/eviction")).toBe(1);
  expect(await fixture.podNames()).toEqual([]);
});

/** Lets a user drain nodes, but evict in one namespace only. */
async function grantDrain(fixture: Awaited<ReturnType<typeof createNodeFixture>>, user: string) {
  const { namespace, rbac } = fixture;
  const subjects = [{ kind: "User", name: user, apiGroup: "rbac.authorization.k8s.io" }];
  const reading = [
    { apiGroups: [""], resources: ["nodes", "pods"], verbs: ["get", "list", "patch"] },
    { apiGroups: ["storage.k8s.io"], resources: ["volumeattachments"], verbs: ["list"] },
  ];
  const evicting = [{ apiGroups: [""], resources: ["pods/eviction"], verbs: ["create"] }];
  const roleRef = (kind: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name: user });
  const metadata = { name: user };
  await rbac.createClusterRole({ body: { metadata, rules: reading } });
  await rbac.createClusterRoleBinding({ body: { metadata, subjects, roleRef: roleRef("ClusterRole") } });
  await rbac.createNamespacedRole({ namespace, body: { metadata, rules: evicting } });
  await rbac.createNamespacedRoleBinding({
    namespace,
    body: { metadata, subjects, roleRef: roleRef("Role") },
  });
}
