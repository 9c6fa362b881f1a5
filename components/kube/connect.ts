// Connects to a cluster: the KubeApi over the generated Kubernetes client.
import {
  ApiException,
  AppsV1Api,
  type ConfigurationOptions,
  CoreV1Api,
  type KubeConfig,
  PatchStrategy,
  PolicyV1Api,
  StorageV1Api,
  setHeaderOptions,
  VersionApi,
} from "@kubernetes/client-node";
import { readCaBundle, readKubeconfig } from "./access.ts";
import type { EvictionAnswer, KubeApi, NodeChange, PodIdentity } from "./api.ts";
import {
  bootstrapTokenName,
  bootstrapTokenType,
  readBootstrapToken,
  renderBootstrapToken,
} from "./bootstrap-token.ts";
import { classifyEvictionAnswer } from "./eviction-answer.ts";
import { KubeError } from "./kube-error.ts";
import { createRequester, type Requester, readRetryAfter } from "./request.ts";

/** Tells which cluster to connect to, and as whom. */
export interface KubeConnection {
  /** Path of a kubeconfig, or its text. */
  readonly kubeconfig: string;
  /** Context of the kubeconfig; its current one when absent. */
  readonly context?: string;
  /** Limits one call with its retries, in seconds; 30 when absent. */
  readonly timeoutSeconds?: number;
  /** Objects per page of a list; 500 when absent. */
  readonly pageSize?: number;
}

/** Returns the calls to a cluster; reads the kubeconfig now, sends nothing yet. Throws AccessError. */
export function connectKube(connection: KubeConnection): KubeApi {
  const access = readKubeconfig(connection.kubeconfig, connection.context);
  const requester = createRequester(connection.timeoutSeconds ?? 30, connection.pageSize ?? 500);
  const core = access.makeApiClient(CoreV1Api);
  return {
    caBundle: readCaBundle(access),
    ...serverCalls(requester, access),
    ...nodeCalls(requester, core),
    ...podCalls(requester, core, access),
    ...volumeCalls(requester, core, access),
    ...tokenCalls(requester, core),
  };
}

function serverCalls(requester: Requester, access: KubeConfig): Pick<KubeApi, "readServerVersion"> {
  const version = access.makeApiClient(VersionApi);
  const label = { verb: "reading", object: "the server's version" };
  return {
    readServerVersion: async () =>
      (await requester.read(label, (options) => version.getCode({}, options))).gitVersion,
  };
}

function nodeCalls(
  requester: Requester,
  core: CoreV1Api,
): Pick<KubeApi, "listNodes" | "readNode" | "changeNode" | "deleteNode"> {
  return {
    listNodes: () => requester.list("Nodes", (query, options) => core.listNode(query, options)),
    readNode: (name) =>
      requester.find({ verb: "reading", object: `Node "${name}"` }, (options) =>
        core.readNode({ name }, options),
      ),
    changeNode: (node, change) => {
      const name = node.metadata?.name ?? "";
      const body = nodePatch(node.metadata?.resourceVersion, change);
      return requester.once({ verb: "changing", object: `Node "${name}"` }, (options) =>
        core.patchNode({ name, body }, asMergePatch(options)),
      );
    },
    deleteNode: (name, uid) =>
      requester
        .once({ verb: "deleting", object: `Node "${name}"` }, (options) =>
          core.deleteNode({ name, body: { preconditions: { uid } } }, options),
        )
        .then(() => "deleted" as const, absentWhen(404, 409)),
  };
}

function nodePatch(resourceVersion: string | undefined, change: NodeChange) {
  const { unschedulable, taints, labels, annotations } = change;
  return {
    metadata: { resourceVersion, ...(labels && { labels }), ...(annotations && { annotations }) },
    spec: { ...(unschedulable !== undefined && { unschedulable }), ...(taints && { taints }) },
  };
}

function asMergePatch(options: ConfigurationOptions): ConfigurationOptions {
  return setHeaderOptions("Content-Type", PatchStrategy.MergePatch, options);
}

function absentWhen(...statuses: number[]) {
  return (error: unknown): "absent" => {
    if (error instanceof KubeError && statuses.includes(error.failure.status ?? 0)) return "absent";
    throw error;
  };
}

function podCalls(
  requester: Requester,
  core: CoreV1Api,
  access: KubeConfig,
): Pick<KubeApi, "listPodsOnNode" | "readDaemonSet" | "evictPod" | "listBudgets"> {
  const apps = access.makeApiClient(AppsV1Api);
  const policy = access.makeApiClient(PolicyV1Api);
  return {
    listPodsOnNode: (nodeName) =>
      requester.list(`the pods of Node "${nodeName}"`, (query, options) =>
        core.listPodForAllNamespaces({ ...query, fieldSelector: `spec.nodeName=${nodeName}` }, options),
      ),
    readDaemonSet: (namespace, name) =>
      requester.find({ verb: "reading", object: `DaemonSet "${namespace}/${name}"` }, (options) =>
        apps.readNamespacedDaemonSet({ namespace, name }, options),
      ),
    evictPod: (pod, gracePeriodSeconds) => evictPod(requester, core, pod, gracePeriodSeconds),
    listBudgets: () =>
      requester.list("PodDisruptionBudgets", (query, options) =>
        policy.listPodDisruptionBudgetForAllNamespaces(query, options),
      ),
  };
}

async function evictPod(
  requester: Requester,
  core: CoreV1Api,
  { namespace, name, uid }: PodIdentity,
  gracePeriodSeconds: number | undefined,
): Promise<EvictionAnswer> {
  const grace = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
  const body = { metadata: { namespace, name }, deleteOptions: { preconditions: { uid }, ...grace } };
  const label = { verb: "evicting", object: `Pod "${namespace}/${name}"` };
  const attempt = (options: ConfigurationOptions) =>
    core.createNamespacedPodEviction({ namespace, name, body }, options).then(evicted, answerOf);
  try {
    return await requester.once(label, attempt);
  } catch (error) {
    if (error instanceof KubeError && error.failure.transient)
      return { kind: "transient", text: error.failure.text };
    throw error;
  }
}

const evicted = (): EvictionAnswer => ({ kind: "evicted" });

function answerOf(error: unknown): EvictionAnswer {
  if (!(error instanceof ApiException)) throw error;
  return classifyEvictionAnswer(error.code, error.body, readRetryAfter(error.headers));
}

function volumeCalls(
  requester: Requester,
  core: CoreV1Api,
  access: KubeConfig,
): Pick<KubeApi, "listVolumeAttachments" | "readVolumeClaim"> {
  const storage = access.makeApiClient(StorageV1Api);
  return {
    listVolumeAttachments: () =>
      requester.list("VolumeAttachments", (query, options) => storage.listVolumeAttachment(query, options)),
    readVolumeClaim: (namespace, name) =>
      requester.find({ verb: "reading", object: `PersistentVolumeClaim "${namespace}/${name}"` }, (options) =>
        core.readNamespacedPersistentVolumeClaim({ namespace, name }, options),
      ),
  };
}

function tokenCalls(
  requester: Requester,
  core: CoreV1Api,
): Pick<KubeApi, "readConfigMap" | "createBootstrapToken" | "deleteBootstrapToken" | "listBootstrapTokens"> {
  const namespace = "kube-system";
  const label = (verb: string, tokenId: string) => ({ verb, object: `bootstrap token "${tokenId}"` });
  return {
    readConfigMap: (mapNamespace, name) =>
      requester
        .find({ verb: "reading", object: `ConfigMap "${mapNamespace}/${name}"` }, (options) =>
          core.readNamespacedConfigMap({ namespace: mapNamespace, name }, options),
        )
        .then((map) => map && (map.data ?? {})),
    createBootstrapToken: async (token) => {
      await requester.once(label("creating", token.tokenId), (options) =>
        core.createNamespacedSecret({ namespace, body: renderBootstrapToken(token) }, options),
      );
    },
    deleteBootstrapToken: async (tokenId) => {
      await requester
        .once(label("deleting", tokenId), (options) =>
          core.deleteNamespacedSecret({ namespace, name: bootstrapTokenName(tokenId) }, options),
        )
        .catch(absentWhen(404));
    },
    listBootstrapTokens: async () => {
      const fieldSelector = `type=${bootstrapTokenType}`;
      const secrets = await requester.list("bootstrap tokens", (query, options) =>
        core.listNamespacedSecret({ namespace, fieldSelector, ...query }, options),
      );
      return secrets.map(readBootstrapToken);
    },
  };
}
