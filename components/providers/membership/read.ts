// Reports drift: what the Node shows for the keys that the program owns, and what it is by now.
import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import type { Node } from "../../kube/api.ts";
import { durations } from "../../model/durations.ts";
import { readMarks } from "../../model/node-marks.ts";
import type { Taint } from "../../model/taint.ts";
import { requireClusterOf } from "../enrollment/same-cluster.ts";
import { nodeNamed } from "../identity.ts";
import type { Operation } from "../operation.ts";
import { tellFacts } from "../tell-facts.ts";
import { isDrainedNow } from "./drained.ts";
import { findDrift } from "./drift.ts";
import { observe } from "./observe.ts";
import type { MembershipOutputs, NodeObservation } from "./state.ts";

/**
 * Reads the Node back. A vanished Node keeps its resource, with nothing observed: dropping it from state would leave
 * the host joined to nothing, while the next `up` joins it anew (see the enrollment's diff).
 */
export async function readMembership(
  operation: Operation,
  id: string,
  props: MembershipOutputs,
): Promise<pulumi.dynamic.ReadResult<MembershipOutputs>> {
  const nodes = await operation.nodes(durations.providers.sharedAnswer.atLeisure);
  const node = nodeNamed(nodes, props.node);
  if (node?.status?.nodeInfo?.machineID !== props.machineId) await requireClusterOf(operation, props.node);
  const progress = operation.voice(props.__urn);
  const hasPodsAgain =
    node !== undefined && props.drained === true && !(await isDrainedNow(operation.kube, node, props));
  if (hasPodsAgain)
    await progress.say(`node "${props.node}": drained for maintenance, and has pods again or may get them`);
  // The engine shows changed inputs only.
  for (const line of describeDrift(props, node)) await progress.say(line);
  if (node !== undefined) await tellFacts(findDrift(props, props, node), progress);
  if (node === undefined) return { id, props: { ...props, observed: null } };
  return { id, props: { ...seenProps(props, node), ...(hasPodsAgain && { drained: false }) } };
}

/** Puts what the Node shows in the place of what was declared, for owned keys only. Pure. */
export function seenProps(props: MembershipOutputs, node: Node): MembershipOutputs {
  const annotations = node.metadata?.annotations ?? {};
  return {
    ...props,
    pool: seenPool(props, node),
    labels: seenKeys(props.labels, node.metadata?.labels ?? {}),
    annotations: seenKeys(props.annotations, annotations),
    taints: props.taints.flatMap((taint) => seenTaint(taint, node)),
    // A declared cordon that was lifted by hand is drift; an operator's own cordon is not.
    schedulable: props.schedulable || node.spec?.unschedulable !== true,
    observed: observe(node),
  };
}

/** Of a Node with the marks of an earlier version nothing tells that its kubelet could not write. */
function seenPool({ pool }: MembershipOutputs, node: Node): string {
  const marks = readMarks(node);
  return marks.owner?.guarded === false ? pool : (marks.pool ?? "");
}

function seenKeys(
  owned: Readonly<Record<string, string>>,
  seen: Record<string, string>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(seen).filter(([key]) => Object.hasOwn(owned, key)));
}

function seenTaint(owned: Taint, node: Node): Taint[] {
  const taint = node.spec?.taints?.find((other) => other.key === owned.key && other.effect === owned.effect);
  if (taint === undefined) return [];
  return [{ key: owned.key, effect: owned.effect, ...(taint.value ? { value: taint.value } : {}) }];
}

const words: Partial<Readonly<Record<keyof NodeObservation, string>>> = {
  ready: "Ready",
  conditions: "conditions",
  kubeletVersion: "kubelet",
  containerRuntime: "runtime",
  internalIp: "internal IP",
  capacity: "capacity",
  allocatable: "allocatable",
  podCidr: "pod CIDR",
};
const told = Object.entries(words) as [keyof NodeObservation, string][];

/** Names what changed behind the program's back since the Node was last seen, and a cordon that nobody declared. Pure. */
export function describeDrift(props: MembershipOutputs, node: Node | undefined): readonly string[] {
  const name = `node "${props.node}"`;
  if (node === undefined)
    return [`${name} is gone: the next \`pulumi up\` resets its host and joins it again`];
  return [...machineDrift(props, node), ...seenDrift(props, node), ...cordonDrift(props, node)].map(
    (line) => `${name}: ${line}`,
  );
}

function machineDrift({ machineId }: MembershipOutputs, { status }: Node): string[] {
  const seen = status?.nodeInfo?.machineID ?? "";
  if (seen === "" || seen === machineId) return [];
  return [`registered by another machine: machine id ${seen}, joined was ${machineId}`];
}

function seenDrift({ observed }: MembershipOutputs, node: Node): string[] {
  if (observed === null) return [];
  const now = observe(node);
  return told.flatMap(([field, word]) => {
    const [was, is] = [observed[field], now[field]];
    // An older state has not seen it.
    if (was === undefined || isDeepStrictEqual(was, is)) return [];
    if (typeof was !== "object") return [`${word} was ${was}, is ${is ?? "none"}`];
    return changedParts(was, is).map(([part, before, after]) => `${word}${part} was ${before}, is ${after}`);
  });
}

type Amounts = Readonly<Record<string, string>>;

/** Lists are told as a whole, amounts one by one. */
function changedParts(was: object, is: unknown): [string, string, string][] {
  if (Array.isArray(was)) return [["", listed(was), listed(is)]];
  const [before, after] = [was as Amounts, (is ?? {}) as Amounts];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((resource) => before[resource] !== after[resource])
    .map((resource) => [` ${resource}`, before[resource] ?? "0", after[resource] ?? "0"]);
}

function listed(names: unknown): string {
  return Array.isArray(names) && names.length > 0 ? names.join(", ") : "none";
}

function cordonDrift({ schedulable }: MembershipOutputs, node: Node): string[] {
  if (!schedulable || node.spec?.unschedulable !== true || readMarks(node).isOwnCordon) return [];
  return [
    "cordoned outside of this stack; left as is. Uncordon it with kubectl, or declare it `state: cordoned`",
  ];
}
