// Which changes of an object ask for another object: the table of provider/pkg/provider/diff.go in
// pulumi/pulumi-kubernetes, with a Pod's whole spec for its long list. Pure.
import { type Change, differences } from "../difference.ts";
import { type Properties, reveal } from "../properties.ts";
import { isAutonamed } from "./inputs.ts";
import { keyOf } from "./objects.ts";
import type { ProviderSettings } from "./settings.ts";
import { inputsIn } from "./state.ts";

const IDENTITY = ["apiVersion", "kind", "metadata.name", "metadata.namespace"];

const FIXED: Readonly<Record<string, readonly string[]>> = {
  "v1 ConfigMap": ["data", "binaryData"],
  "v1 PersistentVolumeClaim": ["spec"],
  "v1 Pod": ["spec"],
  "v1 ResourceQuota": ["spec.scopes"],
  "v1 Secret": ["type", "data", "stringData"],
  "v1 Service": ["spec.clusterIP"],
  "apps/v1 DaemonSet": ["spec.selector"],
  "apps/v1 Deployment": ["spec.selector"],
  "apps/v1 StatefulSet": [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  "batch/v1 Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  "rbac.authorization.k8s.io/v1 ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/v1 RoleBinding": ["roleRef"],
  "storage.k8s.io/v1 StorageClass": ["parameters", "provisioner"],
};

type Mutability = Pick<ProviderSettings, "mutableConfigMaps" | "mutableSecrets">;

/** Compares what was declared, or found by the last refresh, with new inputs. */
export function changedInputs(state: Properties, inputs: Properties, mutability: Mutability): Change[] {
  const fixed = [...IDENTITY, ...fixedFields(inputs, mutability)];
  return differences("", inputsIn(state), reveal(inputs)).map((change) => ({
    ...change,
    replaces: fixed.some((field) => isWithin(change.path, field) || isWithin(field, change.path)),
  }));
}

/** Whether the old object must go first, because the new one has its name. */
export function mustDeleteFirst(state: Properties, inputs: Properties): boolean {
  const [old, now] = [keyOf(state), keyOf(inputs)];
  return !isAutonamed(inputs) && old.name === now.name && old.namespace === now.namespace;
}

function fixedFields(inputs: Properties, { mutableConfigMaps, mutableSecrets }: Mutability) {
  const { apiVersion, kind } = keyOf(inputs);
  const isMutable =
    inputs.immutable !== true &&
    ((kind === "ConfigMap" && mutableConfigMaps) || (kind === "Secret" && mutableSecrets));
  return isMutable ? [] : (FIXED[`${apiVersion} ${kind}`] ?? []);
}

function isWithin(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`);
}
