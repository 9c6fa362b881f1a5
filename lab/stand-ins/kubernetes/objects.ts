// What identifies a Kubernetes object, read out of property bags. Pure.
import { isProperties, type Properties, unwrapSecret, type Value } from "../properties.ts";

/** A kind of objects. */
export interface Kind {
  /** For example `v1` or `apps/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
}

/** One object. */
export interface ObjectKey extends Kind {
  /** Empty for objects of the whole cluster. */
  readonly namespace: string;
  readonly name: string;
}

/** Reads the kind out of a type token such as `kubernetes:rbac.authorization.k8s.io/v1:ClusterRole`. */
export function kindOfType(type: string): Kind {
  const [, group = "", kind = ""] = type.split(":");
  const isObject = group.includes("/") && !group.startsWith("helm.sh/") && !/(Patch|List)$/.test(kind);
  if (isObject) return { apiVersion: group.replace(/^core\//, ""), kind };
  throw new Error(
    `reading the resource type "${type}": the lab's kubernetes plugin only applies single objects. Use the official plugin.`,
  );
}

/** Reads which object a bag describes; what it does not say is empty. */
export function keyOf(object: Properties): ObjectKey {
  return {
    apiVersion: textAt(object, "apiVersion"),
    kind: textAt(object, "kind"),
    namespace: textAt(object, "metadata", "namespace"),
    name: textAt(object, "metadata", "name"),
  };
}

/** Returns the Pulumi id of an object: `namespace/name`, or the name alone. */
export function idOf({ namespace, name }: ObjectKey): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}

/** Returns the namespace and the name in a Pulumi id. */
export function placeIn(id: string): Pick<ObjectKey, "namespace" | "name"> {
  const [first = "", second] = id.split("/");
  return second === undefined ? { namespace: "", name: first } : { namespace: first, name: second };
}

/** Names an object in messages. */
export function describe(key: ObjectKey): string {
  return `${key.kind} "${idOf(key)}"`;
}

/** Reads the text at a path into a bag; empty when there is none. */
export function textAt(object: Properties, ...path: readonly string[]): string {
  let at: Value | undefined = object;
  for (const name of path) {
    const bare: Value | undefined = at === undefined ? undefined : unwrapSecret(at);
    at = isProperties(bare) ? bare[name] : undefined;
  }
  const text = at === undefined ? undefined : unwrapSecret(at);
  return typeof text === "string" ? text : "";
}

/** Reads an annotation; empty when there is none. */
export function annotation(object: Properties, key: string): string {
  return textAt(object, "metadata", "annotations", key);
}
