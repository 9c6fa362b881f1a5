// The calls of a KubeApi about what keeps pods: the owners that create a pod again, and the pods that are theirs.
import {
  AppsV1Api,
  type ConfigurationOptions,
  type CoreV1Api,
  CustomObjectsApi,
  type KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1Deployment,
  type V1LabelSelector,
  type V1ObjectMeta,
  type V1ReplicaSet,
  type V1StatefulSet,
} from "@kubernetes/client-node";
import type { KubeApi, OwnerName, Workload } from "./api.ts";
import { absentWhen } from "./kube-error.ts";
import type { Requester } from "./request.ts";
import { readRollout, restartPatch } from "./rollout.ts";

/** Returns the calls about owners of pods. */
export function workloadCalls(
  requester: Requester,
  core: CoreV1Api,
  access: KubeConfig,
): Pick<KubeApi, "listPodsSelected" | "readWorkload" | "restartRollout"> {
  const apps = access.makeApiClient(AppsV1Api);
  const readApps = appsReader(requester, apps);
  const scales = new Scales(requester, access.makeApiClient(CustomObjectsApi));
  return {
    listPodsSelected: (namespace, labelSelector) =>
      requester.list(`Pods "${labelSelector}" of namespace "${namespace}"`, (query, options) =>
        core.listNamespacedPod({ ...query, namespace, labelSelector }, options),
      ),
    readWorkload: (namespace, owner) =>
      owner.apiVersion === "apps/v1" ? readApps(namespace, owner) : scales.read(namespace, owner),
    restartRollout: async (namespace, name, seen, time) => {
      const deployment = { apiVersion: "apps/v1", kind: "Deployment", name };
      await requester.once(label(namespace, deployment, "restarting"), (options) =>
        apps.patchNamespacedDeployment(
          { namespace, name, body: restartPatch(seen, time) },
          setHeaderOptions("Content-Type", PatchStrategy.MergePatch, options),
        ),
      );
    },
  };
}

const label = (namespace: string, { kind, name }: OwnerName, verb = "reading") => ({
  verb,
  object: `${kind} "${namespace}/${name}"`,
});

function appsReader(requester: Requester, apps: AppsV1Api): KubeApi["readWorkload"] {
  return (namespace, owner) => {
    const { name } = owner;
    const find = <T>(read: (options: ConfigurationOptions) => Promise<T>) =>
      requester.find(label(namespace, owner), read);
    switch (owner.kind) {
      case "Deployment":
        return find((options) => apps.readNamespacedDeployment({ namespace, name }, options)).then(
          ofDeployment,
        );
      case "ReplicaSet":
        return find((options) => apps.readNamespacedReplicaSet({ namespace, name }, options)).then(
          ofReplicaSet,
        );
      case "StatefulSet":
        return find((options) => apps.readNamespacedStatefulSet({ namespace, name }, options)).then(
          ofStatefulSet,
        );
      default:
        return Promise.resolve(undefined);
    }
  };
}

function ofDeployment(found: V1Deployment | undefined): Workload | undefined {
  return found && { ...describe(found), ...revisionOf(found), rollout: readRollout(found) };
}

/** One that a Deployment made has the revision to which it belongs. */
function ofReplicaSet(found: V1ReplicaSet | undefined): Workload | undefined {
  return found && { ...describe(found), ...revisionOf(found) };
}

function revisionOf({ metadata }: V1Deployment | V1ReplicaSet): Pick<Workload, "revision"> {
  const revision = metadata?.annotations?.["deployment.kubernetes.io/revision"];
  return revision === undefined ? {} : { revision };
}

function ofStatefulSet(found: V1StatefulSet | undefined): Workload | undefined {
  const revision = found?.status?.updateRevision;
  return found && { ...describe(found), ...(revision !== undefined && { revision }) };
}

interface Described {
  readonly metadata?: V1ObjectMeta;
  readonly spec?: { readonly replicas?: number; readonly selector: V1LabelSelector };
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
    }[];
  };
}

function describe({ metadata, spec, status }: Described): Workload {
  const controller = metadata?.ownerReferences?.find((owner) => owner.controller === true);
  const failure = status?.conditions?.find((one) => one.type === "ReplicaFailure" && one.status === "True");
  return {
    uid: metadata?.uid ?? "",
    // Kubernetes' default of an absent field.
    replicas: spec?.replicas ?? 1,
    selector: selectorText(spec?.selector ?? {}),
    isEnding: metadata?.deletionTimestamp !== undefined,
    ...(controller && { controller }),
    ...(failure?.message && { fault: failure.message }),
  };
}

/** Writes a selector as the server takes it in a query. */
function selectorText({ matchLabels = {}, matchExpressions = [] }: V1LabelSelector): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const others = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === "Exists") return key;
    if (operator === "DoesNotExist") return `!${key}`;
    return `${key} ${operator.toLowerCase()} (${values.join(",")})`;
  });
  return [...equal, ...others].join(",");
}

/** A scale as every kind that has one shows it (autoscaling/v1). */
interface Scale {
  readonly metadata?: { readonly uid?: string; readonly deletionTimestamp?: string };
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly selector?: string };
}

function undefinedWhenAbsent(error: unknown): undefined {
  absentWhen(404)(error);
}

/** Reads scales of any kind; which kinds have one is asked once per API version. */
class Scales {
  readonly #requester: Requester;
  readonly #custom: CustomObjectsApi;
  readonly #plurals = new Map<string, Promise<ReadonlyMap<string, string>>>();

  constructor(requester: Requester, custom: CustomObjectsApi) {
    this.#requester = requester;
    this.#custom = custom;
  }

  async read(namespace: string, owner: OwnerName): Promise<Workload | undefined> {
    const [group, version] = owner.apiVersion.split("/");
    // Of the core group only the ReplicationController has one, whose successor is the ReplicaSet.
    if (group === undefined || version === undefined) return undefined;
    const plural = (await this.#pluralsOf(group, version)).get(owner.kind);
    if (plural === undefined) return undefined;
    const wanted = { group, version, namespace, plural, name: owner.name };
    const found: Scale | undefined = await this.#requester
      .find(label(namespace, owner, "reading the scale of"), (options) =>
        this.#custom.getNamespacedCustomObjectScale(wanted, options),
      )
      // A kind that was removed is answered otherwise than an object that is gone.
      .catch(undefinedWhenAbsent);
    const { uid } = found?.metadata ?? {};
    const selector = found?.status?.selector;
    if (uid === undefined || !selector) return undefined;
    const isEnding = found?.metadata?.deletionTimestamp !== undefined;
    return { uid, replicas: found?.spec?.replicas ?? 1, selector, isEnding };
  }

  #pluralsOf(group: string, version: string): Promise<ReadonlyMap<string, string>> {
    const key = `${group}/${version}`;
    const known = this.#plurals.get(key) ?? this.#discover(group, version);
    this.#plurals.set(key, known);
    // What failed is asked again.
    known.catch(() => this.#plurals.delete(key));
    return known;
  }

  /** Returns the plural names of the kinds that have a scale. */
  async #discover(group: string, version: string): Promise<ReadonlyMap<string, string>> {
    const object = `the kinds of ${group}/${version}`;
    const list = await this.#requester
      .repeat({ verb: "reading", object }, (options) =>
        this.#custom.getAPIResources({ group, version }, options),
      )
      .catch(undefinedWhenAbsent);
    const resources = list?.resources ?? [];
    const names = new Set(resources.map(({ name }) => name));
    const scaled = resources.filter(({ name }) => names.has(`${name}/scale`));
    return new Map(scaled.map(({ kind, name }) => [kind, name]));
  }
}
