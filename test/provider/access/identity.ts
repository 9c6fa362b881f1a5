// The declared identity on a real API server with RBAC and the policy, and a way to speak as it.
import {
  AdmissionregistrationV1Api,
  type AppsV1Api,
  type KubeConfig,
  PatchStrategy,
  RbacAuthorizationV1Api,
  setHeaderOptions,
} from "@kubernetes/client-node";
import { policySpec } from "../../../components/access/policy.ts";
import {
  type AccessRule,
  accessName,
  clusterRules,
  namespaceRules,
} from "../../../components/access/rules.ts";
import { adminConfig } from "../../support/admin-config.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { type FaultProxy, startFaultProxy } from "../../support/fault-proxy.ts";
import { allNeeds } from "../../support/lab-identity.ts";

export const rbacGroup = "rbac.authorization.k8s.io";
export const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
const identity = `system:serviceaccount:kube-system:${accessName}`;

/** An API server on which the identity has its rights, and the proxy through which one speaks as it. */
export interface IdentitySite extends AsyncDisposable {
  readonly api: ApiServer;
  readonly proxy: FaultProxy;
}

/** Starts both. */
export async function startIdentitySite(): Promise<IdentitySite> {
  const api = await startApiServer();
  await grant(api, "identity", identity, clusterRules(allNeeds), namespaceRules("kube-system"));
  await declarePolicy(api);
  const proxy = await startFaultProxy(api, identity);
  return {
    api,
    proxy,
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await api.stop();
    },
  };
}

/** Reads a kubeconfig. */
export function configOf({ kubeconfigText }: { readonly kubeconfigText: string }): KubeConfig {
  const config = adminConfig(kubeconfigText);
  return config;
}

async function declarePolicy(api: ApiServer): Promise<void> {
  const admission = configOf(api).makeApiClient(AdmissionregistrationV1Api);
  const metadata = { name: accessName };
  const spec = policySpec({ namespace: "kube-system", name: accessName }, allNeeds);
  await admission.createValidatingAdmissionPolicy({ body: { metadata, spec } });
  await admission.createValidatingAdmissionPolicyBinding({
    body: { metadata, spec: { policyName: accessName, validationActions: ["Deny"] } },
  });
}

/** Gives a user what the declared ServiceAccount gets; the objects bear another name than the declared ones. */
export async function grant(
  api: ApiServer,
  name: string,
  user: string,
  rules: AccessRule[],
  namespaced: readonly { readonly namespace: string; readonly rules: AccessRule[] }[],
): Promise<void> {
  const rbac = configOf(api).makeApiClient(RbacAuthorizationV1Api);
  const metadata = { name };
  const subjects = [{ kind: "User", name: user, apiGroup: rbacGroup }];
  const roleRef = (kind: string, name: string) => ({ apiGroup: rbacGroup, kind, name });
  await rbac.createClusterRole({ body: { metadata, rules } });
  await rbac.createClusterRoleBinding({
    body: { metadata, subjects, roleRef: roleRef("ClusterRole", name) },
  });
  for (const [at, { namespace, rules }] of namespaced.entries()) {
    const role = { name: `${name}-${at}` };
    await rbac.createNamespacedRole({ namespace, body: { metadata: role, rules } });
    const body = { metadata: role, subjects, roleRef: roleRef("Role", role.name) };
    await rbac.createNamespacedRoleBinding({ namespace, body });
  }
}

/** Creates a Deployment of one pod. */
export function createDeployment(apps: AppsV1Api, namespace: string) {
  const labels = { app: "web" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "main", image: "none" }] } };
  const spec = { replicas: 1, selector: { matchLabels: labels }, template };
  return apps.createNamespacedDeployment({ namespace, body: { metadata: { name: "web" }, spec } });
}
