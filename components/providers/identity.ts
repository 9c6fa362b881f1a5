// Whose a Node is: the one answer for all who are about to change it. Pure.
import type { Node } from "../kube/api.ts";
import { nodesByName } from "../kube/node-index.ts";
import { hashOwner } from "../model/mark-values.ts";
import { type OwnerStamp, readMarks } from "../model/node-marks.ts";

/** Identifies the Node of one machine in one stack. */
export interface ExpectedNode {
  /** Machine id of the joined host; absent where only the stamp can tell. */
  readonly machineId?: string;
  /** The stack, as `organization/project/stack`. */
  readonly owner: string;
}

/** Closed set of answers. */
export type Identity =
  /** The machine and the stamp are those of this stack. */
  | { readonly kind: "ours" }
  /** The machine is ours or unknown, and nobody has stamped the Node. */
  | { readonly kind: "unstamped" }
  /** It must not be touched. */
  | { readonly kind: "foreign"; readonly reason: string }
  /** There is no such Node. */
  | { readonly kind: "absent" };

/**
 * Tells whose a Node is:
 * - there is none: absent
 * - a machine is expected and another one reports, or none does: foreign
 * - it carries another stack's stamp: foreign
 * - it carries no stamp: unstamped, as one that has registered in a run that ended before it was stamped, one that its
 *   kubelet has registered again, or one that has lost its annotations
 * - else: ours.
 */
export function identify(node: Node | undefined, expected: ExpectedNode): Identity {
  if (node === undefined) return { kind: "absent" };
  const machineId = node.status?.nodeInfo?.machineID;
  if (expected.machineId !== undefined && machineId !== expected.machineId)
    return foreign(
      `it is another machine now (machine-id ${machineId ?? "none"}, ours was ${expected.machineId})`,
    );
  const { owner } = readMarks(node);
  if (owner === undefined) return { kind: "unstamped" };
  return owner.hash === hashOwner(expected.owner)
    ? { kind: "ours" }
    : foreign(`it belongs to stack ${nameOf(owner)}`);
}

function foreign(reason: string): Identity {
  return { kind: "foreign", reason };
}

/** Names the stack of a stamp; by its hash where the annotation that tells the name tells another. */
export function nameOf({ name, hash }: OwnerStamp): string {
  return name ?? `with stamp ${hash}`;
}

/** Returns a Node that may be changed because its machine is known to be ours, stamped or not; else nothing. */
export function ownedNode(
  node: Node | undefined,
  expected: ExpectedNode & { readonly machineId: string },
): Node | undefined {
  switch (identify(node, expected).kind) {
    case "ours":
    case "unstamped":
      return node;
    case "foreign":
    case "absent":
      return undefined;
  }
}

/** Tells whether a Node carries this stack's stamp, whatever its machine; that of an earlier version counts as well. */
export function isStampedBy(node: Node, owner: string): boolean {
  return identify(node, { owner }).kind === "ours";
}

/**
 * Returns the pool of a Node that carries this stack's stamp, whatever its machine; undefined for all others. For Nodes
 * that no declaration names: only what no kubelet can write counts, so that none makes itself a member.
 */
export function poolByStamp(node: Node, owner: string): string | undefined {
  const { owner: stamp, pool } = readMarks(node);
  return stamp?.guarded && stamp.hash === hashOwner(owner) ? pool : undefined;
}

/** Finds a Node by its name. */
export function nodeNamed(nodes: readonly Node[], name: string): Node | undefined {
  return nodesByName(nodes).get(name);
}

/** Lists the names of the other Nodes that say that they run on a machine: their kubelets write that. */
export function twinsOf(nodes: readonly Node[], name: string, machineId: string): string[] {
  const twins = nodes.filter(
    ({ metadata, status }) => metadata?.name !== name && status?.nodeInfo?.machineID === machineId,
  );
  return twins.map(({ metadata }) => metadata?.name ?? "");
}
