// Refuses, at preview, an `access` that cannot be declared in the cluster as it is: its objects would fail one by one, after
// a minute each, beside those that were made by then.
import { accessName } from "../../access/rules.ts";
import { oneLine } from "../../model/foreign-text.ts";
import { ownerAnnotation } from "../../model/owner.ts";
import type { Operation } from "../operation.ts";
import type { RosterInputs } from "./state.ts";

/**
 * Returns one text when the namespace of a newly declared access is not there, and one when another stack has declared
 * its own. Says nothing where the cluster cannot be asked, or the identity may not ask: it could not declare it either.
 */
export async function unsuitableAccess(
  operation: Operation,
  olds: RosterInputs | undefined,
  { accessNamespace, owner }: RosterInputs,
): Promise<string[]> {
  if (accessNamespace === undefined || olds?.accessNamespace === accessNamespace) return [];
  const { kube, told } = operation;
  const owners = new Set([owner, olds?.owner, ...told.owners()]);
  const [absent, others] = await Promise.all([
    kube.readNamespace(accessNamespace).then((found) => found === undefined, unknown(false)),
    kube
      .readClusterRole(accessName)
      .then((role) => role?.metadata?.annotations?.[ownerAnnotation], unknown(undefined)),
  ]);
  const reasons: string[] = [];
  if (absent)
    reasons.push(
      `access: namespace "${accessNamespace}" does not exist. Create it first (\`kubectl create namespace ${accessNamespace}\`)`,
    );
  if (others !== undefined && !owners.has(others))
    reasons.push(
      `access: ClusterRole "${accessName}" belongs to stack "${oneLine(others)}", and a cluster has one access. Take it out of that stack first, or, when that stack is gone, run \`kubectl delete clusterrole,clusterrolebinding,validatingadmissionpolicy,validatingadmissionpolicybinding ${accessName}\``,
    );
  return reasons;
}

const unknown =
  <Value>(value: Value) =>
  () =>
    value;
