// What the tests of this folder run against: the real provider process, an API server, an sshd on this machine.

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { PatchStrategy, setHeaderOptions, type V1Node, type V1Taint } from "@kubernetes/client-node";
import { type MarkEdits, withoutMarks } from "../../../components/model/node-marks.ts";
import type { MembershipInputs } from "../../../components/providers/membership/state.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { freePorts } from "../../support/child-service.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { markLabels } from "../../support/marks.ts";
import { membershipInputs, membershipOutputs, owner } from "../../support/provider-inputs.ts";
import { ProviderFailure, type ProviderProcess, startProvider } from "../../support/provider-process.ts";
import { type Sshd, startSshd } from "../../support/sshd.ts";

/** Machine id of the machine that the tests run on, which is what an inspection over SSH finds. */
export const thisMachine = readFileSync("/etc/machine-id", "utf8").trim();

/** What the engine would hand over for a stack that uses this cluster and this credential. */
export function configFor(kubeconfig: string, ssh: object = { password: "never used" }) {
  return { "nodepools:cluster": JSON.stringify({ kubeconfig }), "nodepools:ssh": JSON.stringify(ssh) };
}

/** A running set of all three. */
export interface Site extends AsyncDisposable {
  readonly api: ApiServer;
  readonly sshd: Sshd;
  readonly provider: ProviderProcess;
}

/** Starts all three. */
export async function startSite(): Promise<Site> {
  const [api, sshd] = await Promise.all([startApiServer(), startSshd()]);
  const provider = await startOn({ api, sshd });
  return {
    api,
    sshd,
    provider,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([provider[Symbol.asyncDispose](), sshd[Symbol.asyncDispose](), api.stop()]);
    },
  };
}

/** Starts one more provider process for a site, which has asked for nothing yet. */
export function startOn({ api, sshd }: Pick<Site, "api" | "sshd">): Promise<ProviderProcess> {
  return startProvider(configFor(api.kubeconfigPath, sshd.credentials));
}

/** What a Node of a test differs in from one that is Ready, ours, schedulable and without metadata. */
export interface NodeWish {
  readonly name?: string;
  /** Beside the owner's stamp; with none the Node is as an earlier version has left it. */
  readonly marks?: MarkEdits;
  readonly machineId?: string;
  readonly owner?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly taints?: V1Taint[];
  readonly cordoned?: boolean;
  readonly notReady?: string;
}

const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

/** Registers a Node as a kubelet would, with a namespace for pods on it. */
export async function joinedNode(api: ApiServer, wish: NodeWish = {}) {
  const fixture = await createNodeFixture(api, "True", wish.name);
  const { core, nodeName: name } = fixture;
  const patch = (body: object) => core.patchNode({ name, body }, mergePatch);
  const report = (ready: boolean, message = "") =>
    core.patchNodeStatus(
      {
        name,
        body: {
          status: {
            nodeInfo: { machineID: wish.machineId ?? thisMachine, kubeletVersion: "v1.34.4" },
            conditions: [{ type: "Ready", status: ready ? "True" : "False", reason: "Test", message }],
          },
        },
      },
      mergePatch,
    );
  await report(wish.notReady === undefined, wish.notReady);
  await patch({
    metadata: {
      labels: { ...(wish.marks && markLabels({ owner, ...wish.marks })), ...wish.labels },
      annotations: { "nodepools.local/owner": wish.owner ?? owner, ...wish.annotations },
    },
    // The API server taints a new Node as not ready, and no controller takes that away here.
    spec: { taints: wish.taints ?? [], unschedulable: wish.cordoned ?? false },
  });
  return { ...fixture, patch, report, read: () => core.readNode({ name }) };
}

/** Inputs of a membership for a Node of the site's own machine. */
export function declaredOn(site: Site, node: string, more: Partial<MembershipInputs> = {}): MembershipInputs {
  return membershipInputs({
    node,
    machineId: thisMachine,
    host: site.sshd.host,
    readyTimeoutSeconds: 5,
    ...more,
  });
}

/** State of such a membership after its Node was Ready. */
export function memberOn(site: Site, node: string, more: Partial<MembershipInputs> = {}) {
  return membershipOutputs(declaredOn(site, node, more));
}

/** The annotations that a member of pool workers carries. */
export const stamped = { "nodepools.local/owner": owner, "nodepools.local/pool": "workers" };

/** What the program and its users care about on a Node, but for the marks that no kubelet can write. */
export function shown(node: V1Node) {
  const { labels = {}, annotations = {} } = node.metadata ?? {};
  return {
    labels: withoutMarks(labels),
    annotations,
    taints: (node.spec?.taints ?? []).filter(({ key }) => key !== "node.kubernetes.io/unschedulable"),
    cordoned: node.spec?.unschedulable === true,
  };
}

/** Waits for a call that has to fail, and returns how it did. */
export async function failureOf(work: Promise<unknown>): Promise<ProviderFailure> {
  const error = await work.then(() => undefined).catch((thrown: unknown) => thrown);
  if (error instanceof ProviderFailure) return error;
  throw new Error("the call did not fail", { cause: error });
}

/** Lists what was logged to stay on a resource's row, with the severity in a word. */
export function remarks(provider: ProviderProcess, urn: string): string[] {
  return provider.lines
    .filter((line) => line.urn === urn && !line.ephemeral)
    .map(({ severity, message }) => `${["debug", "info", "warning", "error"][severity]}: ${message}`);
}

/** Waits until the provider process asks for the Nodes again, but in a diff or a refresh: it serves one list for a second. */
export const listIsStale = () => sleep(1050);

/** Finds a port of this machine at which nobody listens. */
export async function deadPort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}
