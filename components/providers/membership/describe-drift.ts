// What a refresh tells of a Node besides the fields that the next `up` puts back. Pure.
import type { Node } from "../../kube/api.ts";
import { isOwnCordon } from "../../model/own-cordon.ts";
import { observe } from "./observe.ts";
import type { MembershipOutputs, NodeObservation } from "./state.ts";

const told: readonly (readonly [keyof NodeObservation, string])[] = [
  ["ready", "Ready"],
  ["kubeletVersion", "kubelet"],
  ["containerRuntime", "runtime"],
  ["internalIp", "internal IP"],
];

/** Names what changed behind the program's back since the Node was last seen, and a cordon that nobody declared. */
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
  return told
    .filter(([field]) => observed[field] !== now[field])
    .map(([field, word]) => `${word} was ${observed[field]}, is ${now[field]}`);
}

function cordonDrift({ schedulable }: MembershipOutputs, node: Node): string[] {
  if (!schedulable || node.spec?.unschedulable !== true || isOwnCordon(node.metadata?.annotations)) return [];
  return ["cordoned, which nobody declared: kept. Uncordon it with kubectl, or declare it `state: cordoned`"];
}
