// Connects to a cluster: the KubeApi over the generated Kubernetes client.
import {
  CertificatesV1Api,
  type ConfigurationOptions,
  CoreV1Api,
  type KubeConfig,
  PatchStrategy,
  RbacAuthorizationV1Api,
  StorageV1Api,
  setHeaderOptions,
  VersionApi,
} from "@kubernetes/client-node";
import { type Clock, systemClock } from "../model/clock.ts";
import { durations } from "../model/durations.ts";
import { Access, readCaBundle } from "./access.ts";
import type { KubeApi, NodeChange } from "./api.ts";
import { bootstrapTokenName, renderBootstrapToken } from "./bootstrap-token.ts";
import { jobCalls } from "./job-calls.ts";
import { absentWhen } from "./kube-error.ts";
import { budgetCalls, podCalls } from "./pod-calls.ts";
import { createRequester, type Requester } from "./request.ts";
import { serviceCalls } from "./service-proxy.ts";
import { workloadCalls } from "./workload-calls.ts";

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
  /** Length of one watch, after which the next one goes on, in seconds; 60 when absent. */
  readonly watchSeconds?: number;
  /** Paces retries; the machine's own when absent. */
  readonly clock?: Clock;
}

/** Returns the calls to a cluster; reads the kubeconfig now, sends nothing yet. Throws AccessError. */
export function connectKube(connection: KubeConnection): KubeApi {
  const clock = connection.clock ?? systemClock;
  const access = new Access(connection.kubeconfig, connection.context, clock);
  const timeoutSeconds = connection.timeoutSeconds ?? durations.kube.call;
  const requester = createRequester(access, timeoutSeconds, connection.pageSize ?? 500, clock);
  const watchSeconds = connection.watchSeconds ?? durations.kube.watch;
  const core = access.makeApiClient(CoreV1Api);
  return {
    caBundle: readCaBundle(access),
    server: withoutLogin(access.destination.server),
    clockOffset: () => access.serverTime.offset,
    ...serverCalls(requester, access),
    ...nodeCalls(requester, core),
    ...podCalls(requester, core, access, watchSeconds),
    ...budgetCalls(requester, access, watchSeconds),
    ...workloadCalls(requester, core, access),
    ...jobCalls(requester, access),
    listNamespaces: () =>
      requester.list("Namespaces", (query, options) => core.listNamespace(query, options)),
    readNamespace: (name) =>
      requester.find({ verb: "reading", object: `Namespace "${name}"` }, (options) =>
        core.readNamespace({ name }, options),
      ),
    readClusterRole: (name) =>
      requester.find({ verb: "reading", object: `ClusterRole "${name}"` }, (options) =>
        access.makeApiClient(RbacAuthorizationV1Api).readClusterRole({ name }, options),
      ),
    ...volumeCalls(requester, core, access),
    ...serviceCalls(requester, core),
    ...tokenCalls(requester, core, access),
  };
}

function serverCalls(requester: Requester, access: KubeConfig): Pick<KubeApi, "readServerVersion"> {
  const version = access.makeApiClient(VersionApi);
  const label = { verb: "reading", object: "the server's version" };
  return {
    readServerVersion: async () =>
      (await requester.repeat(label, (options) => version.getCode({}, options))).gitVersion,
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
        .repeat({ verb: "deleting", object: `Node "${name}"` }, (options) =>
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

function volumeCalls(
  requester: Requester,
  core: CoreV1Api,
  access: KubeConfig,
): Pick<KubeApi, "listVolumeAttachments" | "readVolumeClaim" | "listVolumeClaims" | "listVolumes"> {
  const storage = access.makeApiClient(StorageV1Api);
  return {
    listVolumeAttachments: () =>
      requester.list("VolumeAttachments", (query, options) => storage.listVolumeAttachment(query, options)),
    readVolumeClaim: (namespace, name) =>
      requester.find({ verb: "reading", object: `PersistentVolumeClaim "${namespace}/${name}"` }, (options) =>
        core.readNamespacedPersistentVolumeClaim({ namespace, name }, options),
      ),
    listVolumeClaims: () =>
      requester.list("PersistentVolumeClaims", (query, options) =>
        core.listPersistentVolumeClaimForAllNamespaces(query, options),
      ),
    listVolumes: () =>
      requester.list("PersistentVolumes", (query, options) => core.listPersistentVolume(query, options)),
  };
}

function tokenCalls(
  requester: Requester,
  core: CoreV1Api,
  access: KubeConfig,
): Pick<
  KubeApi,
  "readConfigMap" | "createBootstrapToken" | "deleteBootstrapToken" | "listCertificateRequests"
> {
  const namespace = "kube-system";
  const certificates = access.makeApiClient(CertificatesV1Api);
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
        .repeat(label("deleting", tokenId), (options) =>
          core.deleteNamespacedSecret({ namespace, name: bootstrapTokenName(tokenId) }, options),
        )
        .catch(absentWhen(404));
    },
    listCertificateRequests: async () => {
      const fieldSelector = "spec.signerName=kubernetes.io/kube-apiserver-client-kubelet";
      const requests = await requester.list("CertificateSigningRequests", (query, options) =>
        certificates.listCertificateSigningRequest({ fieldSelector, ...query }, options),
      );
      return requests.map(({ metadata, spec }) => ({
        name: metadata?.name ?? "",
        username: spec.username ?? "",
        request: Buffer.from(spec.request, "base64").toString(),
      }));
    },
  };
}

function withoutLogin(server: string): string {
  return server.replace(/^([a-z]+:\/\/)[^/@]*@/i, "$1");
}
