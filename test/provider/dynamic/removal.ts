// A removal that Roster.diff tells of: one node leaves, one stays, on a real API server behind a proxy.
import { PatchStrategy, setHeaderOptions, type V1PodSpec } from "@kubernetes/client-node";
import { expect } from "vitest";
import type { DrainPolicy } from "../../../components/model/drain-policy.ts";
import type { ApiServer } from "../../support/api-server.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { rosterInputs } from "../../support/provider-inputs.ts";
import { startProvider } from "../../support/provider-process.ts";
import { configFor, joinedNode, remarks } from "./site.ts";

const urn = rosterInputs([]).__urn;
const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
const strict = { timeoutSeconds: 10, deleteEmptyDirData: false, force: false };

type TestNode = Awaited<ReturnType<typeof joinedNode>>;

/** The two nodes, and what is asked about them. */
export type Removal = Awaited<ReturnType<typeof startRemoval>>;

/** Registers the nodes and starts a proxy and a provider process, which serves one list of Nodes for a while. */
export async function startRemoval(api: ApiServer) {
  const leaving = await joinedNode(api);
  const staying = await joinedNode(api);
  await offer(staying, { cpu: "4", memory: "8Gi", pods: "10" });
  const proxy = await startFaultProxy(api);
  const config = configFor(proxy.kubeconfig);
  let provider = await startProvider(config);

  const diff = (olds: object, news: object) => provider.of("Roster").diff(olds, news);
  /** Lists what stays on the roster's row; names of namespaces are random. */
  const told = () => remarks(provider, urn).map((line) => line.replaceAll(leaving.namespace, "shop"));
  return {
    leaving,
    staying,
    proxy,
    told,
    /** Creates a running, Ready pod on the leaving node, of an owner named before the name's last dash. */
    createPod: (name: string, spec?: Partial<V1PodSpec>, labels?: { app: string }) =>
      createPod(leaving, name, spec, labels),
    diff,
    /** Asks for the diff that removes the leaving node; returns what it told. */
    preview: async (drain: Partial<DrainPolicy> = {}, joining: readonly string[] = []): Promise<string[]> => {
      const pools = [{ name: "workers", maxUnavailable: 1, drain: { ...strict, ...drain } }];
      const olds = rosterInputs([leaving.nodeName, staying.nodeName], { pools });
      const news = rosterInputs([staying.nodeName, ...joining], { pools });
      expect(await diff(olds, news)).toEqual({ changes: true, replaces: [] });
      return told();
    },
    /** Starts another provider process, which sees today's environment. */
    restartProvider: async () => {
      await provider[Symbol.asyncDispose]();
      provider = await startProvider(config);
    },
    [Symbol.asyncDispose]: async () => {
      await provider[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
      for (const node of [leaving, staying]) await node.core.deleteNode({ name: node.nodeName });
    },
  };
}

async function offer({ core, nodeName: name }: TestNode, allocatable: Record<string, string>) {
  await core.patchNodeStatus({ name, body: { status: { capacity: allocatable, allocatable } } }, mergePatch);
}

async function createPod(
  { core, namespace, nodeName }: TestNode,
  name: string,
  spec: Partial<V1PodSpec> = {},
  labels = { app: "web" },
) {
  const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: name.replace(/-\d+$/, "") };
  const ownerReferences = [{ ...owner, uid: "00000000-0000-0000-0000-000000000001", controller: true }];
  const containers = [{ name: "main", image: "none" }];
  const body = { metadata: { name, labels, ownerReferences }, spec: { containers, nodeName, ...spec } };
  await core.createNamespacedPod({ namespace, body });
  const status = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
  await core.patchNamespacedPodStatus({ namespace, name, body: { status } }, mergePatch);
}

/** Picks the lines that have these words. */
export const about = (lines: readonly string[], words: RegExp) => lines.filter((line) => words.test(line));
