// Whether a drain is one of a cluster that leaves as a whole, as on `pulumi destroy`: nothing starts anew then.
import type { Node } from "../kube/api.ts";
import { readMarks } from "../model/node-marks.ts";
import type { DrainContext } from "./context.ts";
import { accepts } from "./placement.ts";

/** Tells whether every node that takes pods leaves by declaration; a cordon that somebody set is no such word. Throws KubeError. */
export async function leavesWhole({ api }: Pick<DrainContext, "api">): Promise<boolean> {
  return !(await api.listNodes()).some(staysOpen);
}

const controlPlane = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

/** A control plane's node counts only where it takes any pod. Pure. */
function staysOpen(node: Node): boolean {
  if (readMarks(node).leaving !== undefined) return false;
  const isControlPlane = controlPlane.some((key) => node.metadata?.labels?.[key] !== undefined);
  return !isControlPlane || accepts(node, { spec: { containers: [] } });
}
