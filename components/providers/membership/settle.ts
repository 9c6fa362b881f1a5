// Brings one Node to what is declared: ready, stamped, labelled, tainted, schedulable; the same way every time.
import type { KubeApi, Node, NodeChange } from "../../kube/api.ts";
import { changeNodeRetrying } from "../../kube/change-node.ts";
import { settledMarks, withoutNotes } from "../../model/mark-changes.ts";
import { drainTaint, planMarks, readMarks, withoutMarks } from "../../model/node-marks.ts";
import { planKeys, planTaints } from "../../model/node-metadata.ts";
import { identify } from "../identity.ts";
import type { MembershipInputs } from "./state.ts";

/** What was declared before, whose keys may be removed now and whose stamp may be replaced. */
export type FormerDeclaration = Pick<
  MembershipInputs,
  "labels" | "annotations" | "taints" | "owner" | "schedulable"
> & {
  /** Whether its join is done, hooks included. */
  readonly joined?: boolean;
};

/** Changes the Node until it is as declared; throws when it is another's, or was deleted meanwhile. */
export async function settleNode(
  api: KubeApi,
  seen: Node,
  declared: MembershipInputs,
  former: FormerDeclaration | undefined,
): Promise<Node> {
  const settled = await changeNodeRetrying(api, seen, (node) => {
    refuseForeign(node, declared, former);
    return planChange(node, declared, former);
  });
  if (settled === undefined)
    throw new Error(`settling node "${declared.node}": its Node was deleted meanwhile`);
  return settled;
}

function refuseForeign(node: Node, declared: MembershipInputs, former: FormerDeclaration | undefined): void {
  const identity = identify(node, declared);
  if (identity.kind !== "foreign") return;
  // A renamed stack replaces its own former stamp.
  const renamed =
    former !== undefined && identify(node, { ...declared, owner: former.owner }).kind !== "foreign";
  if (renamed) return;
  throw new Error(
    `settling node "${declared.node}": ${identity.reason}. Remove the host from one of the two declarations, or wipe the machine`,
  );
}

/** Plans the smallest change that makes the Node as declared; nothing when it already is. Pure. */
export function planChange(
  node: Node,
  declared: MembershipInputs,
  former: FormerDeclaration | undefined,
): NodeChange | undefined {
  const unschedulable = planUnschedulable(node, declared, former);
  // A cordon that was ours for another reason is ours still.
  const isOwn = unschedulable === true || (!declared.schedulable && readMarks(node).isOwnCordon);
  const marks = planMarks(node, settledMarks(declared, isOwn));
  const labels = { ...planDeclared("labels", node, declared, former), ...marks.labels };
  const annotations = { ...planDeclared("annotations", node, declared, former), ...marks.annotations };
  const taints = planTaints(
    node.spec?.taints ?? [],
    [...(former?.taints ?? []), ...(declared.drained ? [] : [drainTaint])],
    declared.taints,
  );
  return withoutEndedNotes(node, declared, former, {
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
    ...(taints !== undefined && { taints }),
    ...(unschedulable !== undefined && { unschedulable }),
  });
}

/**
 * What a drain has noted goes with it, and with a cordon that is set anew: pods may have come since. A change of nothing is
 * none.
 */
function withoutEndedNotes(
  node: Node,
  { drained }: MembershipInputs,
  former: FormerDeclaration | undefined,
  wanted: NodeChange,
): NodeChange | undefined {
  // Before its join is done a node was not drained, and what is noted are the hooks of the join.
  const isOver = former?.joined === true && (!drained || wanted.unschedulable === true);
  const change = isOver ? withoutNotes(node, wanted) : wanted;
  return Object.keys(change).length > 0 ? change : undefined;
}

function planDeclared(
  kind: "labels" | "annotations",
  { metadata }: Node,
  declared: MembershipInputs,
  former: FormerDeclaration | undefined,
): Record<string, string | null> {
  return planKeys(metadata?.[kind] ?? {}, withoutMarks(former?.[kind]), withoutMarks(declared[kind]));
}

/**
 * Decides whether to cordon or uncordon: a node is uncordoned only if this program cordoned it, by declaration or
 * because it was leaving; an operator's own cordon stays.
 */
function planUnschedulable(
  node: Node,
  declared: MembershipInputs,
  former: FormerDeclaration | undefined,
): boolean | undefined {
  const cordoned = node.spec?.unschedulable === true;
  if (!declared.schedulable) return cordoned ? undefined : true;
  const oursToLift = former?.schedulable === false || readMarks(node).isOwnCordon;
  return cordoned && oursToLift ? false : undefined;
}
