// Which nodes of a pool are out of service by themselves. Pure.
import type { Node } from "../../kube/api.ts";
import { leavingAnnotation, ownerAnnotation, poolAnnotation } from "../../model/owner.ts";
import { parseRebootMark } from "../../model/reboot-mark.ts";
import { readyStatus } from "./observe.ts";

/**
 * Names the pool's nodes that are not Ready, or whose reboot has not ended: a machine that is off stays Ready for 40
 * seconds. Nodes that leave do not count, nor lost ones: the pool is declared without them.
 */
export function nodesDown(
  nodes: readonly Node[],
  { pool, owner }: { readonly pool: string; readonly owner: string },
  isLost: (node: string) => boolean,
): string[] {
  return nodes
    .filter(({ metadata }) => {
      const annotations = metadata?.annotations ?? {};
      const isMember = annotations[ownerAnnotation] === owner && annotations[poolAnnotation] === pool;
      return isMember && annotations[leavingAnnotation] === undefined && !isLost(metadata?.name ?? "");
    })
    .filter((node) => readyStatus(node) !== "True" || isRebooting(node))
    .map(({ metadata }) => metadata?.name ?? "");
}

function isRebooting({ metadata, status }: Node): boolean {
  const mark = parseRebootMark(metadata?.annotations);
  return mark?.down === true && mark.bootId === status?.nodeInfo?.bootID;
}
