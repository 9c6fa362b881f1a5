// What a Node shows of itself, for outputs and drift: rounded, so that it stays the same while nobody changes the
// machine. Pure.
import type { Node } from "../../kube/api.ts";
import { readyStatus, troublesOf } from "../../kube/node-ready.ts";
import { oneLine } from "../../model/foreign-text.ts";
import { readAmount, writeAmount } from "../../model/quantity.ts";
import type { NodeObservation } from "./state.ts";

/** Summarises a Node; amounts and the range of its pods are left out where it tells none. */
export function observe(node: Node): NodeObservation {
  const { metadata, spec, status } = node;
  const internal = status?.addresses?.find(({ type }) => type === "InternalIP");
  const capacity = roundAmounts(status?.capacity);
  const allocatable = roundAmounts(status?.allocatable);
  return {
    uid: metadata?.uid ?? "",
    ready: readyStatus(node),
    schedulable: spec?.unschedulable !== true,
    kubeletVersion: status?.nodeInfo?.kubeletVersion ?? "",
    containerRuntime: status?.nodeInfo?.containerRuntimeVersion ?? "",
    internalIp: internal?.address ?? "",
    conditions: troublesOf(node),
    ...(capacity && { capacity }),
    ...(allocatable && { allocatable }),
    ...(spec?.podCIDR && { podCidr: spec.podCIDR }),
  };
}

/** A kubelet may name as many resources as it likes. */
const shownAmounts = 20;

/** Rounds amounts to what people read, since the memory that a kernel finds differs a little from boot to boot. */
function roundAmounts(
  quantities: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> | undefined {
  const amounts = Object.entries(quantities)
    .flatMap(([resource, text]) => roundAmount(resource, text))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .slice(0, shownAmounts);
  return amounts.length > 0 ? Object.fromEntries(amounts) : undefined;
}

/** Leaves out what the machine has none of, such as huge pages, and what is no amount. */
function roundAmount(resource: string, text: string): [string, string][] {
  try {
    const amount = readAmount(resource, text);
    return amount > 0 ? [[oneLine(resource, 100), writeAmount(resource, amount)]] : [];
  } catch {
    return [];
  }
}
