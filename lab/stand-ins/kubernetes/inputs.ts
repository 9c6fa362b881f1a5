// What check adds to the inputs of an object: a name, as pkg/metadata/naming.go in pulumi/pulumi-kubernetes makes it,
// and the namespace. Pure.
import { randomBytes } from "node:crypto";
import { isProperties, type Properties, unwrapSecret } from "../properties.ts";
import { annotation, textAt } from "./objects.ts";

const AUTONAMED = "pulumi.com/autonamed";

/** Whether the plugin chose the object's name. */
export function isAutonamed(object: Properties): boolean {
  return annotation(object, AUTONAMED) === "true";
}

/** Names an object that has no name: as in the inputs before, or after the resource with a random end. */
export function withName(inputs: Properties, before: Properties, resourceName: string): Properties {
  if (textAt(inputs, "metadata", "name") !== "") return inputs;
  if (textAt(inputs, "metadata", "generateName") !== "") {
    throw new Error(
      `naming "${resourceName}": metadata.generateName does not go with server-side apply. Leave it out, or give metadata.name.`,
    );
  }
  const name = isAutonamed(before)
    ? textAt(before, "metadata", "name")
    : `${resourceName}-${randomBytes(4).toString("hex")}`;
  const annotations = { ...bagAt(metadataOf(inputs), "annotations"), [AUTONAMED]: "true" };
  return { ...inputs, metadata: { ...metadataOf(inputs), name, annotations } };
}

/** Puts an object that names no namespace into this one. */
export function withNamespace(inputs: Properties, namespace: string): Properties {
  if (textAt(inputs, "metadata", "namespace") !== "") return inputs;
  return { ...inputs, metadata: { ...metadataOf(inputs), namespace } };
}

function metadataOf(inputs: Properties): Properties {
  return bagAt(inputs, "metadata");
}

function bagAt(bag: Properties, name: string): Properties {
  const value = bag[name];
  const bare = value === undefined ? undefined : unwrapSecret(value);
  return isProperties(bare) ? bare : {};
}
