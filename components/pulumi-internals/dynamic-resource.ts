// Bet: what `pulumi.dynamic.Resource` registers is a custom resource of type `pulumi-nodejs:dynamic/<module>:<type>` with
// its provider's code as plain property `__provider` (dynamic/index.js). Left to the SDK, that code is another text under
// every Node and compiler, and making it loads the TypeScript compiler in every run.
import * as pulumi from "@pulumi/pulumi";

/** A dynamic resource of the package whose provider's code is given as text, not as an object to serialise. */
export class DynamicResource extends pulumi.CustomResource {
  constructor(
    code: string,
    type: string,
    name: string,
    props: pulumi.Inputs,
    options: pulumi.CustomResourceOptions,
  ) {
    super(`pulumi-nodejs:dynamic/nodepools:${type}`, name, { ...props, __provider: code }, options);
  }
}
