// The resource that keeps a joined machine's Node as declared, and drains it when it leaves.
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../../pulumi-internals/dynamic-resource.ts";
import { forwarderText } from "../forward.ts";
import type { MembershipInputs, NodeObservation } from "./state.ts";

/** Inputs of a NodeMembership; see MembershipInputs for units and the effect of a change. */
export type NodeMembershipArgs = {
  readonly [Field in keyof MembershipInputs]: pulumi.Input<MembershipInputs[Field]>;
};

/**
 * Makes a Node a member of its pool: waits until the machine's Node is Ready, then keeps its owner stamp, labels,
 * annotations, taints and schedulability. Deleting it cordons and drains the node and waits for its volumes.
 */
export class NodeMembership extends DynamicResource {
  /** Node name. */
  declare readonly node: pulumi.Output<string>;
  /** The Node as last seen. */
  declare readonly observed: pulumi.Output<NodeObservation | null>;

  constructor(name: string, args: NodeMembershipArgs, options: pulumi.CustomResourceOptions) {
    super(
      forwarderText("membership"),
      "NodeMembership",
      name,
      { ...args, observed: undefined },
      { ...options, deleteBeforeReplace: true },
    );
  }
}
