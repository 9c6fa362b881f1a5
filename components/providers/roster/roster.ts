// The resource that knows all declared members of a cluster.
import type * as pulumi from "@pulumi/pulumi";
import type { Removals } from "../../model/node-status.ts";
import { DynamicResource } from "../../pulumi-internals/dynamic-resource.ts";
import { forwarderText } from "../forward.ts";
import type { RosterInputs } from "./state.ts";

/** Inputs of a Roster; see RosterInputs. */
export type RosterArgs = {
  readonly [Field in keyof RosterInputs]: pulumi.Input<RosterInputs[Field]>;
};

/**
 * Lists the members of a cluster. A change tells in the preview what the leaving nodes carry, and cordons all of them
 * before the first one is drained, so that no evicted pod lands on a node that leaves next.
 */
export class Roster extends DynamicResource {
  /** The nodes whose removal the last update has begun. */
  declare readonly removals: pulumi.Output<Removals | undefined>;

  constructor(name: string, args: RosterArgs, options: pulumi.CustomResourceOptions) {
    super(forwarderText("roster"), "Roster", name, { ...args, removals: undefined }, options);
  }
}
