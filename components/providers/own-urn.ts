// The URN of a resource before it exists, so that it can be told to its provider.
import * as pulumi from "@pulumi/pulumi";

/** Returns the URN that a dynamic resource of the package will have under `parent`. */
export function ownUrn(name: string, type: string, parent: pulumi.Resource): Promise<string> {
  const urn = pulumi.createUrn(name, `pulumi-nodejs:dynamic/nodepools:${type}`, parent);
  // As an Output it would depend on the parent and so on all of the parent's children: on the resource itself.
  return new Promise((resolve) => urn.apply(resolve));
}
