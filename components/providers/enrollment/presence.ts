// Whether an enrolled host's Node is in the cluster: the one question about the world that a diff asks.
// Pulumi calls no other method for a resource whose declaration did not change, and two cases need an answer at
// preview: a join that was interrupted, and a Node that was deleted behind our back. It costs one list per operation.
import type { KubeApi } from "../../kube/api.ts";
import { recentNodes } from "../node-list.ts";
import type { EnrollmentOutputs } from "./state.ts";

/** Tells whether neither a Node of this name nor one of this machine exists; false when the cluster cannot be asked. */
export async function isNodeMissing(enrolled: EnrollmentOutputs, connect: () => KubeApi): Promise<boolean> {
  try {
    const nodes = await recentNodes(connect());
    return !nodes.some(
      (node) =>
        node.metadata?.name === enrolled.node || node.status?.nodeInfo?.machineID === enrolled.machineId,
    );
  } catch {
    // An unreachable cluster proves nothing about its nodes, and a preview must work without it.
    return false;
  }
}
