// The resource that turns a host into a machine ready to join, and back into a clean one.
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../../pulumi-internals/dynamic-resource.ts";
import { forwarderText } from "../forward.ts";
import type { EnrollmentInputs } from "./state.ts";

/** Inputs of a HostEnrollment; see EnrollmentInputs for units and the effect of a change. */
export type HostEnrollmentArgs = {
  readonly [Field in keyof EnrollmentInputs]: pulumi.Input<EnrollmentInputs[Field]>;
};

/**
 * Enrolls a host in the cluster: inspects it, decides whether to join, adopt, repair or refuse it, and mints the
 * bootstrap token it joins with, which it leaves on the host with the program that joins. Deleting it revokes the token, resets and cleans the host and deletes its Node.
 */
export class HostEnrollment extends DynamicResource {
  /** Machine id found on the host. */
  declare readonly machineId: pulumi.Output<string>;
  /** Id half of the bootstrap token, empty when the host was adopted. */
  declare readonly tokenId: pulumi.Output<string>;

  constructor(name: string, args: HostEnrollmentArgs, options: pulumi.CustomResourceOptions) {
    super(
      forwarderText("enrollment"),
      "HostEnrollment",
      name,
      {
        ...args,
        machineId: undefined,
        criSocket: undefined,
        tokenId: undefined,
        joinConfiguration: undefined,
      },
      { ...options, deleteBeforeReplace: true, additionalSecretOutputs: ["joinConfiguration"] },
    );
  }
}
