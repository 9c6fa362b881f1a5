// The resource that knows all declared members of a cluster.
import * as pulumi from "@pulumi/pulumi";
import { rosterForwarder } from "../forward.ts";
import type { RosterInputs } from "./state.ts";

/** Inputs of a Roster; see RosterInputs. */
export type RosterArgs = {
  readonly [Field in keyof RosterInputs]: pulumi.Input<RosterInputs[Field]>;
};

/**
 * Lists the members of a cluster. A change tells in the preview what the leaving nodes carry, and cordons all of them
 * before the first one is drained, so that no evicted pod lands on a node that leaves next.
 */
export class Roster extends pulumi.dynamic.Resource {
  constructor(name: string, args: RosterArgs, options: pulumi.CustomResourceOptions) {
    super(rosterForwarder, name, { ...args }, options, "nodepools", "Roster");
  }
}
