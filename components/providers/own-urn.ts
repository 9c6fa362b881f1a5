// The URN of a resource before it exists, so that it can be told to its provider.
import type * as pulumi from "@pulumi/pulumi";

/** Returns the URN that a dynamic resource of the package will have under `parent`. */
export function ownUrn(name: string, type: string, parent: pulumi.Resource): Promise<string> {
  // As an Output it would depend on the parent and so on all of the parent's children: on the resource itself.
  // `pulumi.createUrn` takes five Outputs for the same, a quarter of the memory of a node's resources.
  return new Promise((resolve) =>
    parent.urn.apply((urn) =>
      resolve(`${urn.slice(0, urn.lastIndexOf("::"))}$pulumi-nodejs:dynamic/nodepools:${type}::${name}`),
    ),
  );
}
