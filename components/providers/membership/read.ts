// Reports drift: what the Node shows for the keys that the program owns, and what it is by now.
import type * as pulumi from "@pulumi/pulumi";
import type { KubeApi, Node } from "../../kube/api.ts";
import { poolAnnotation } from "../../model/owner.ts";
import type { Taint } from "../../model/taint.ts";
import { recentNodes } from "../node-list.ts";
import type { Progress } from "../progress.ts";
import { describeDrift } from "./describe-drift.ts";
import { observe } from "./observe.ts";
import type { MembershipOutputs } from "./state.ts";

/**
 * Reads the Node back. A vanished Node keeps its resource, with nothing observed: dropping it from state would leave
 * the host joined to nothing, while the next `up` joins it anew (see the enrollment's diff).
 */
export async function readMembership(
  api: KubeApi,
  id: string,
  props: MembershipOutputs,
  progress: Progress,
): Promise<pulumi.dynamic.ReadResult<MembershipOutputs>> {
  const nodes = await recentNodes(api);
  const node = nodes.find((candidate) => candidate.metadata?.name === props.node);
  // The engine shows changed inputs only.
  for (const line of describeDrift(props, node)) await progress.say(line);
  return { id, props: node === undefined ? { ...props, observed: null } : seenProps(props, node) };
}

/** Puts what the Node shows in the place of what was declared, for owned keys only. Pure. */
export function seenProps(props: MembershipOutputs, node: Node): MembershipOutputs {
  const annotations = node.metadata?.annotations ?? {};
  return {
    ...props,
    pool: annotations[poolAnnotation] ?? "",
    labels: seenKeys(props.labels, node.metadata?.labels ?? {}),
    annotations: seenKeys(props.annotations, annotations),
    taints: props.taints.flatMap((taint) => seenTaint(taint, node)),
    // A declared cordon that was lifted by hand is drift; an operator's own cordon is not.
    schedulable: props.schedulable || node.spec?.unschedulable !== true,
    observed: observe(node),
  };
}

function seenKeys(
  owned: Readonly<Record<string, string>>,
  seen: Record<string, string>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(seen).filter(([key]) => key in owned));
}

function seenTaint(owned: Taint, node: Node): Taint[] {
  const taint = node.spec?.taints?.find((other) => other.key === owned.key && other.effect === owned.effect);
  if (taint === undefined) return [];
  return [{ key: owned.key, effect: owned.effect, ...(taint.value ? { value: taint.value } : {}) }];
}
