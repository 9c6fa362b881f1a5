// The rights that the program uses, exactly: one rule per resource and what is done with it. Pure.
// The calls are those of kube/api.ts; `get` on the objects of access.ts lets `pulumi refresh` read them.

import { replacementSeconds, restartsRollouts } from "../model/drain-policy.ts";
import { type HookJob, jobsOf } from "../model/hooks.ts";
import type { PoolPolicy } from "../model/pool-policy.ts";
import { type Check, proxyName, type Verification } from "../model/verification.ts";
import type { DeclaredJob } from "./declared-reach.ts";

/** Names the objects that give the rights, in every namespace. */
export const accessName = "nodepools";

/** Names the identity that may only look, and the objects that give its rights. */
export const previewName = "nodepools-preview";

/** Names the ConfigMap that holds the inventory, and the objects that let it be written. */
export const inventoryName = "nodepools-inventory";

/** Allows some verbs on some resources, as Kubernetes' PolicyRule. */
export interface AccessRule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
  /** Absent means all objects. */
  resourceNames?: string[];
}

/** The rights within one namespace, under the name of the Role that holds them. */
export interface NamespaceAccess {
  readonly namespace: string;
  readonly name: string;
  readonly rules: AccessRule[];
}

/** What is declared that needs rights of its own. */
export interface AccessNeeds {
  /** Some drain waits for replacements. */
  readonly replacements?: boolean;
  /** Some rule of a drain restarts Deployments. */
  readonly restarts?: boolean;
  /** The Jobs of hooks; absent or empty when there are none. */
  readonly jobs?: readonly DeclaredJob[];
  /** Some drain deletes pods at its deadline. */
  readonly deletesPods?: boolean;
  /** Some rule of a drain selects namespaces by their labels. */
  readonly selectsNamespaces?: boolean;
  /** Checks of the stack's own. */
  readonly checks?: readonly Check[];
}

/** Returns the needs of pools that are declared so; a manifest may stand in a file. */
export function accessNeeds(
  pools: readonly PoolPolicy[],
  readManifest: (job: HookJob) => DeclaredJob["manifest"],
  verify?: Verification,
): AccessNeeds {
  const drains = pools.flatMap(({ drain, hostDrains = {} }) => [drain, ...Object.values(hostDrains)]);
  const jobs = pools.flatMap(({ hooks }) => jobsOf(hooks));
  return {
    replacements: drains.some((drain) => replacementSeconds(drain) !== undefined),
    ...(jobs.length > 0 && {
      jobs: jobs.map((job) => ({ namespace: job.namespace, manifest: readManifest(job) })),
    }),
    restarts: drains.some(restartsRollouts),
    deletesPods: drains.some(({ onTimeout }) => onTimeout === "deletePods"),
    selectsNamespaces: drains.some(({ rules }) => rules?.some(({ namespaces }) => namespaces !== undefined)),
    ...(verify && { checks: verify.checks }),
  };
}

/** Lists the rights on the whole cluster; policy.ts says what may not be done with them all the same. */
export function clusterRules(needs: AccessNeeds = {}): AccessRule[] {
  const { restarts, jobs = [], deletesPods, selectsNamespaces, checks = [] } = needs;
  return [
    allow("", "nodes", "get", "list", "patch", "delete"),
    allow("", "pods", "list", "watch", ...(deletesPods ? ["delete"] : [])),
    allow("", "pods/eviction", "create"),
    ...(selectsNamespaces ? [allow("", "namespaces", "list")] : []),
    allow("", "persistentvolumeclaims", "get", "list"),
    allow("", "persistentvolumes", "list"),
    allow("apps", "daemonsets", "get"),
    ...readsOwners(needs),
    ...(restarts ? [allow("apps", "deployments", "patch")] : []),
    // In which namespaces, and what their pods may reach, the policy says.
    ...(jobs.length > 0 ? [allow("batch", "jobs", "create", "get")] : []),
    ...asksServices(checks),
    allow("policy", "poddisruptionbudgets", "list", "watch"),
    allow("storage.k8s.io", "volumeattachments", "list"),
    allow("certificates.k8s.io", "certificatesigningrequests", "list"),
    ...readsOwn(accessName, "clusterroles", "clusterrolebindings"),
    ...readsOwn(previewName, "clusterroles", "clusterrolebindings"),
    only(
      {
        ...allow("admissionregistration.k8s.io", "validatingadmissionpolicies", "get"),
        resources: ["validatingadmissionpolicies", "validatingadmissionpolicybindings"],
      },
      accessName,
    ),
  ];
}

/** Lists what a preview reads in the whole cluster. */
export function previewRules(needs: AccessNeeds = {}): AccessRule[] {
  const { selectsNamespaces } = needs;
  return [
    allow("", "nodes", "list"),
    allow("", "pods", "list"),
    ...(selectsNamespaces ? [allow("", "namespaces", "list")] : []),
    allow("", "persistentvolumes", "list"),
    allow("apps", "daemonsets", "get"),
    ...readsOwners(needs),
    allow("policy", "poddisruptionbudgets", "list"),
  ];
}

/** Lists the rights within namespaces: bootstrap tokens, what kubeadm published, and the inventory. */
export function namespaceRules(inventoryNamespace: string): NamespaceAccess[] {
  return [
    {
      namespace: "kube-system",
      name: accessName,
      rules: [
        // Hosts to come have tokens of other names, so these cannot be named here.
        allow("", "secrets", "create", "delete"),
        // The second is read only where the kubeconfig does not hold the cluster's CA.
        only(allow("", "configmaps", "get"), "kubelet-config", "kube-root-ca.crt"),
        ...readsOwn(accessName, "roles", "rolebindings"),
        ...readsOwn(previewName, "roles", "rolebindings"),
      ],
    },
    {
      namespace: "kube-public",
      name: accessName,
      rules: [
        only(allow("", "configmaps", "get"), "cluster-info"),
        ...readsOwn(accessName, "roles", "rolebindings"),
      ],
    },
    {
      namespace: inventoryNamespace,
      name: inventoryName,
      rules: [
        only(allow("", "configmaps", "get", "patch"), inventoryName),
        only(allow("", "serviceaccounts", "get"), accessName, previewName),
        ...readsOwn(inventoryName, "roles", "rolebindings"),
      ],
    },
  ];
}

/** Lists what a preview reads within kube-system: the cluster's CA, where the kubeconfig does not hold it. */
export function previewNamespaceRules(): AccessRule[] {
  return [only(allow("", "configmaps", "get"), "kube-root-ca.crt")];
}

function allow(apiGroup: string, resource: string, ...verbs: string[]): AccessRule {
  return { apiGroups: [apiGroup], resources: [resource], verbs };
}

function only(rule: AccessRule, ...names: string[]): AccessRule {
  return { ...rule, resourceNames: names };
}

function readsOwners({ replacements, restarts, checks = [] }: AccessNeeds): AccessRule[] {
  const checked = new Set(checks.flatMap((check) => (check.kind === "workload" ? [check.owner] : [])));
  const isRead = (kind: "Deployment" | "ReplicaSet" | "StatefulSet") =>
    replacements || checked.has(kind) || (restarts && kind !== "StatefulSet");
  return (["Deployment", "ReplicaSet", "StatefulSet"] as const)
    .filter(isRead)
    .map((kind) => allow("apps", `${kind.toLowerCase()}s`, "get"));
}

/** Names can be told, namespaces cannot: not without an object in each. */
function asksServices(checks: readonly Check[]): AccessRule[] {
  const names = checks.flatMap((check) => (check.kind === "service" ? [proxyName(check)] : []));
  if (names.length === 0) return [];
  return [only(allow("", "services/proxy", "get"), ...[...new Set(names)].sort())];
}

function readsOwn(name: string, ...resources: string[]): AccessRule[] {
  return resources.map((resource) => only(allow("rbac.authorization.k8s.io", resource, "get"), name));
}
