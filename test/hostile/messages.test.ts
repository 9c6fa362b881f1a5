// M6: what kubelets, tenants, webhooks and hosts write, through each maker of messages.
import { describe, expect, it } from "vitest";
import { budgetKey, describeAllowance } from "../../components/drain/budgets.ts";
import { claimNames, podOwner } from "../../components/drain/pod-filters.ts";
import { describeDisruption } from "../../components/drain/preview/describe.ts";
import { factText } from "../../components/drain/preview/fact-text.ts";
import type { Scene } from "../../components/drain/preview/scene.ts";
import { DrainError, describeAnswer, listNames } from "../../components/drain/report.ts";
import type { Node, Pod } from "../../components/kube/api.ts";
import { asTold } from "../../components/kube/as-told.ts";
import { classifyEvictionAnswer } from "../../components/kube/eviction-answer.ts";
import { KubeError } from "../../components/kube/kube-error.ts";
import { readStatus } from "../../components/kube/status-body.ts";
import { parseFindings } from "../../components/kubeadm/findings.ts";
import { parsePublished } from "../../components/kubeadm/published-yaml.ts";
import { decideVerdict } from "../../components/kubeadm/verdict.ts";
import { describeDeleteHook, findDeleteHooks } from "../../components/model/delete-hooks.ts";
import { InitializationError } from "../../components/providers/errors.ts";
import { identify } from "../../components/providers/identity.ts";
import { judgeRelease } from "../../components/providers/judge-release.ts";
import { observe } from "../../components/providers/membership/observe.ts";
import { describeDrift } from "../../components/providers/membership/read.ts";
import { describeFailingPod, missingForReady } from "../../components/providers/membership/ready.ts";
import { describeHostKey } from "../../components/ssh/host-key.ts";
import { enrollmentOutputs, machineId, membershipOutputs, owner } from "../support/provider-inputs.ts";
import { budget, pod } from "../unit/drain/pods.ts";
import { evil, expectHarmless, longEvil } from "./evil.ts";

const holding = "pre-drain.delete.hook.machine.cluster.x-k8s.io/backup";
const time = "2030-01-01T00:00:00Z";

/** A Node whose kubelet, or whoever may annotate it, lies in all that the API server lets pass. */
function lyingNode(text: string): Node {
  return asTold({
    metadata: {
      name: "w1",
      annotations: { "nodepools.local/owner": text, "nodepools.local/pool": text, [holding]: text },
      managedFields: [
        { manager: text, time, fieldsV1: { "f:metadata": { "f:annotations": { [`f:${holding}`]: {} } } } },
      ],
      finalizers: [text],
    },
    status: {
      conditions: [{ type: "Ready", status: "False", reason: text, message: text }],
      addresses: [{ type: "InternalIP", address: text }],
      nodeInfo: { machineID: text, bootID: text, kubeletVersion: text, containerRuntimeVersion: text },
    },
  } as unknown as Node);
}

/** A pod whose owner, claim and containers are a tenant's own words. */
function lyingPod(text: string): Pod {
  const built = pod("p", { owner: { kind: text, name: text } });
  const waiting = { reason: text, message: text };
  return asTold({
    ...built,
    spec: {
      ...built.spec,
      nodeName: "w1",
      volumes: [{ name: "data", persistentVolumeClaim: { claimName: text } }],
    },
    status: { phase: text, containerStatuses: [{ state: { waiting } }] },
  } as unknown as Pod);
}

function lyingHost(text: string) {
  const line = text.replaceAll("\n", "\\n");
  const keys = [
    "machine_id",
    "hostname",
    "os",
    "kubeadm",
    "kubelet",
    "cri_socket",
    "kubelet_server",
    "other",
  ];
  const lines = [...keys, "file", "leftover"].map((key) => `${key}=${line}`);
  const flood = Array.from({ length: 10_000 }, (_, at) => `leftover=${at}${line}`);
  const marker = [`marker=owner=${line}`, `marker=node=${line}`, `marker=cluster=${line}`];
  return parseFindings(
    [...lines, ...marker, ...flood.slice(0, 20), "clock=0", "complete=yes", ""].join("\n"),
  );
}

const facts = {
  nodeName: "w1",
  owner,
  caHashes: ["sha256:ours"],
  serverVersion: "v1.34.4",
  now: new Date(0),
};
const policy = { timeoutSeconds: 60, force: false, deleteEmptyDirData: false };

function factsOf(text: string): string {
  const disrupted = { nodeName: "w1", disruption: "leaves", pool: "workers", maxUnavailable: 1, policy };
  const scene = {
    disrupted: [{ ...disrupted, unreachable: false, attachedVolumes: 0 }],
    ...{
      joining: [],
      addedTaints: [],
      nodes: [lyingNode(text)],
      pods: [lyingPod(text)],
      budgets: [],
      volumes: [],
    },
    daemonSetExists: () => undefined,
    namespaceLabels: () => ({}),
    unknown: [{ what: "budgets", reason: status(text).message }],
    now: 0,
  } as unknown as Scene;
  return describeDisruption(scene).map(factText).join("\n");
}

function status(text: string): KubeError {
  const body = { reason: "Forbidden", message: text };
  return new KubeError({
    verb: "listing",
    object: "Pods",
    text: readStatus(403, body).text,
    transient: false,
  });
}

function eviction(text: string): string {
  const causes = [{ reason: "DisruptionBudget", message: text }];
  const answers = [
    classifyEvictionAnswer(429, { message: text, details: { causes } }),
    classifyEvictionAnswer(500, { message: `admission webhook "w" denied the request: ${text}` }),
    classifyEvictionAnswer(400, JSON.stringify({ message: text })),
    classifyEvictionAnswer(502, `<html>${text}`),
  ];
  return answers.map((answer) => describeAnswer("shop", answer) ?? "").join("; ");
}

function refusals(text: string): string {
  const verdict = decideVerdict(lyingHost(text), {
    ...facts,
    node: { machineId: observedId(text), ready: true, controlPlane: false, owner: stampOf(text) },
  });
  return verdict.kind === "refuse" ? verdict.reasons.join("\n  - ") : "";
}

const observedId = (text: string) => lyingNode(text).status?.nodeInfo?.machineID ?? "";
function stampOf(text: string): string {
  const identity = identify(lyingNode(text), { owner });
  return identity.kind === "foreign" ? identity.reason : "";
}

function release(text: string): string {
  const enrolled = enrollmentOutputs({ machineId: lyingHost(text).machineId });
  const host = {
    ...lyingHost(text),
    marker: { owner, node: lyingHost(text).marker?.node ?? "", cluster: "" },
  };
  const judged = [
    judgeRelease(enrolled, host, [], []),
    judgeRelease(enrollmentOutputs(), host, [], []),
    judgeRelease(enrolled, host, [lyingNode(text)], []),
  ];
  return judged.map((judgement) => ("reason" in judgement ? judgement.reason : "")).join("; ");
}

const sshString = (text: string) => {
  const bytes = Buffer.from(text, "latin1");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** Everything that makes a message of what others say. */
const makers: Readonly<Record<string, (text: string) => string>> = {
  "the owner's stamp": stampOf,
  "a machine's id": (text) => {
    const identity = identify(lyingNode(text), { owner, machineId });
    return identity.kind === "foreign" ? identity.reason : "";
  },
  "a condition": (text) => missingForReady(lyingNode(text)).join(", "),
  "a waiting container": (text) => describeFailingPod(lyingPod(text)) ?? "",
  "a pod's owner": (text) => podOwner(lyingPod(text)),
  "a claim": (text) => listNames(claimNames(lyingPod(text))),
  "who holds a removal up": (text) =>
    findDeleteHooks(lyingNode(text), "pre-drain").map(describeDeleteHook).join(),
  "a ConfigMap that is no YAML": (text) => {
    try {
      return String(parsePublished("kube-public/cluster-info", `a: [${text}`));
    } catch (error) {
      return (error as Error).message;
    }
  },
  finalizers: (text) => listNames(lyingNode(text).metadata?.finalizers ?? []),
  "drift, with versions and addresses": (text) =>
    describeDrift(membershipOutputs(), lyingNode(text)).join("\n"),
  "outputs of a refresh": (text) => Object.values(observe(lyingNode(text))).join(", "),
  "facts of a preview": factsOf,
  "a budget": (text) => {
    const hostile = asTold({ ...budget("b", {}), metadata: { name: text, namespace: text } });
    return `${budgetKey(hostile)} ${describeAllowance(hostile)}`;
  },
  "the API server's and a webhook's refusals": (text) => status(text).message,
  "a name in a call": (text) =>
    new KubeError({ verb: "reading", object: `Node "${text}"`, text: "x", transient: false }).message,
  "answers to evictions": eviction,
  "the refusals of a host": refusals,
  "the release of a host": release,
  "a host key's type": (text) => describeHostKey(sshString(text)),
  "an error of a drain": (text) =>
    new DrainError("w1", "held", [{ reason: eviction(text), pod: podOwner(lyingPod(text)) }], "Mend it.")
      .message,
  "an unfinished resource": (text) =>
    new InitializationError("id", {}, [text.replaceAll("\n", " ")]).reasons.join(),
};

describe.each(Object.entries(makers))("%s", (_name, make) => {
  it.each([
    ["short", evil],
    ["100 kB", longEvil],
  ])("M6 told by a liar, %s: moves no cursor, forges no line, hides nothing, and ends", (_length, text) => {
    expectHarmless(make(text));
  });
});

it("M6 a host that names ten thousand things is heard for a hundred of each", () => {
  const lines = Array.from({ length: 10_000 }, (_, at) => `leftover=/l${at}`);
  expect(parseFindings([...lines, "complete=yes", ""].join("\n")).leftovers).toHaveLength(100);
});
