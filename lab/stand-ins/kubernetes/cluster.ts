// The objects of one cluster, of whatever kind its API server knows.
import type { KubeConfig } from "@kubernetes/client-node";
import { isProperties, type Properties } from "../properties.ts";
import { ApiError, type ApiRequest, apiRequests, type SendRequest } from "./api-requests.ts";
import { type Kind, keyOf, type ObjectKey, textAt } from "./objects.ts";

/** Reaches the objects of one cluster. */
export interface Cluster {
  /** Whether objects of a kind live in namespaces; true for a kind that the server does not know yet. */
  isNamespaced(kind: Kind): Promise<boolean>;
  /** Reads an object; undefined when it, or its kind, does not exist. */
  find(key: ObjectKey): Promise<Properties | undefined>;
  /** Applies an object on the server's side; `force` takes fields from other managers. */
  apply(object: Properties, fieldManager: string, options: ApplyOptions): Promise<Properties>;
  /** Begins to delete an object, its dependents first; absent is success. */
  startDelete(key: ObjectKey): Promise<void>;
}

/** How an object is applied. */
export interface ApplyOptions {
  readonly force: boolean;
  /** Only asks the server what would become of it. */
  readonly dryRun?: boolean;
}

interface ApiResource {
  readonly plural: string;
  readonly isNamespaced: boolean;
}

/** Returns the cluster that a kubeconfig leads to; sends nothing yet. */
export function openCluster(access: KubeConfig): Cluster {
  const send = apiRequests(access);
  const resourceOf = discovery(send);
  const require = async (kind: Kind) => {
    const resource = await resourceOf(kind);
    if (resource) return resource;
    throw new Error(
      `the server knows no kind "${kind.kind}" of "${kind.apiVersion}". Create its CustomResourceDefinition first.`,
    );
  };
  return {
    isNamespaced: async (kind) => (await resourceOf(kind))?.isNamespaced ?? true,
    find: async (key) => {
      const resource = await resourceOf(key);
      return resource && send({ method: "GET", path: pathOf(key, resource) }).catch(undefinedWhenAbsent);
    },
    apply: async (object, fieldManager, options) => {
      const path = pathOf(keyOf(object), await require(keyOf(object)));
      return send(applyRequest(path, object, fieldManager, options));
    },
    startDelete: async (key) => {
      const resource = await resourceOf(key);
      if (!resource) return;
      const value = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Foreground" };
      const body = { type: "application/json", value };
      await send({ method: "DELETE", path: pathOf(key, resource), body }).catch(undefinedWhenAbsent);
    },
  };
}

function applyRequest(
  path: string,
  object: Properties,
  fieldManager: string,
  { force, dryRun }: ApplyOptions,
): ApiRequest {
  return {
    method: "PATCH",
    path,
    query: { fieldManager, force: String(force), ...(dryRun && { dryRun: "All" }) },
    // JSON is YAML.
    body: { type: "application/apply-patch+yaml", value: object },
  };
}

/** Returns a lookup of kinds; a kind that is missing is looked for again, because it may be created meanwhile. */
function discovery(send: SendRequest): (kind: Kind) => Promise<ApiResource | undefined> {
  const known = new Map<string, Promise<ReadonlyMap<string, ApiResource>>>();
  return async ({ apiVersion, kind }) => {
    const list = known.get(apiVersion) ?? listResources(send, apiVersion);
    known.set(apiVersion, list);
    const resource = await list.then(
      (resources) => resources.get(kind),
      (error: unknown) => {
        known.delete(apiVersion);
        throw error;
      },
    );
    if (!resource) known.delete(apiVersion);
    return resource;
  };
}

async function listResources(send: SendRequest, apiVersion: string) {
  const found = new Map<string, ApiResource>();
  const answer = await send({ method: "GET", path: groupPath(apiVersion) }).catch(undefinedWhenAbsent);
  const resources = Array.isArray(answer?.resources) ? answer.resources : [];
  for (const resource of resources) {
    if (!isProperties(resource)) continue;
    const plural = textAt(resource, "name");
    // The others are subresources, such as pods/log.
    if (plural.includes("/")) continue;
    found.set(textAt(resource, "kind"), { plural, isNamespaced: resource.namespaced === true });
  }
  return found;
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function pathOf({ apiVersion, namespace, name }: ObjectKey, { plural, isNamespaced }: ApiResource): string {
  const place = isNamespaced ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${groupPath(apiVersion)}${place}/${plural}/${encodeURIComponent(name)}`;
}

function undefinedWhenAbsent(error: unknown): undefined {
  if (error instanceof ApiError && error.status === 404) return undefined;
  throw error;
}
