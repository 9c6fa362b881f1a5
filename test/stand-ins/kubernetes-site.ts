// The kubernetes plugin on a real API server with its garbage collector, seen through a proxy that counts requests.
import { randomBytes } from "node:crypto";
import { CoreV1Api, RbacAuthorizationV1Api } from "@kubernetes/client-node";
import type { Properties } from "../../lab/stand-ins/properties.ts";
import { adminConfig } from "../support/admin-config.ts";
import { type ApiServer, startApiServer } from "../support/api-server.ts";
import { type FaultProxy, startFaultProxy } from "../support/fault-proxy.ts";
import { type KubernetesPlugin, type ResourceCalls, startKubernetesPlugin } from "./engine.ts";

/** Type tokens of the kinds that the tests use. */
export const types = {
  ConfigMap: "kubernetes:core/v1:ConfigMap",
  Secret: "kubernetes:core/v1:Secret",
  ClusterRole: "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
  RoleBinding: "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
};

/** A plugin that is configured for a server. */
export interface KubernetesSite {
  readonly api: ApiServer;
  readonly proxy: FaultProxy;
  readonly plugin: KubernetesPlugin;
  /** The test's own hand, past the plugin. */
  readonly core: CoreV1Api;
  readonly rbac: RbacAuthorizationV1Api;
  /** Returns the calls about a resource of a kind. */
  at(kind: keyof typeof types, name?: string): ResourceCalls;
  /** Configures the plugin with some more variables for the time of `act`. */
  withVariables(variables: Readonly<Record<string, string>>, act: () => Promise<void>): Promise<void>;
}

let site: Promise<KubernetesSite> | undefined;

/** Returns the server and the plugin that all test files of a worker share; they end with it. */
export function kubernetesSite(): Promise<KubernetesSite> {
  site ??= startKubernetesSite();
  return site;
}

async function startKubernetesSite(): Promise<KubernetesSite> {
  const [api, plugin] = await Promise.all([
    startApiServer({ controllers: ["garbage-collector-controller"] }),
    startKubernetesPlugin(),
  ]);
  const proxy = await startFaultProxy(api);
  const admin = adminConfig(api.kubeconfigText);
  const plain = { kubeconfig: proxy.kubeconfig, namespace: "default" };
  await plugin.configure(plain);
  return {
    api,
    proxy,
    plugin,
    core: admin.makeApiClient(CoreV1Api),
    rbac: admin.makeApiClient(RbacAuthorizationV1Api),
    at: (kind, name = "thing") => plugin.calls(types[kind], name),
    withVariables: async (variables, act) => {
      await plugin.configure({ ...plain, ...variables });
      await act().finally(() => plugin.configure(plain));
    },
  };
}

/** Returns a name that no other test uses. */
export const fresh = () => `t-${randomBytes(4).toString("hex")}`;

/** Returns the inputs of a ConfigMap. */
export function configMap(name: string, data: Properties = { key: "old" }): Properties {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" }, data };
}

/** Returns the inputs of a ClusterRole about nodes. */
export function clusterRole(name: string, verbs: string[]): Properties {
  const rules = [{ apiGroups: [""], resources: ["nodes"], verbs }];
  return { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name }, rules };
}

/** Returns the inputs of a RoleBinding to a Role. */
export function roleBinding(name: string, role: string): Properties {
  const apiGroup = "rbac.authorization.k8s.io";
  return {
    apiVersion: `${apiGroup}/v1`,
    kind: "RoleBinding",
    metadata: { name, namespace: "default" },
    roleRef: { apiGroup, kind: "Role", name: role },
    subjects: [{ kind: "User", name: "someone", apiGroup }],
  };
}
