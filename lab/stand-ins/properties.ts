// Property bags as they travel between the engine and a plugin: plain JSON with wrapped secrets and unknowns. Pure.

/** A property value in its wire form. */
export type Value = null | boolean | number | string | Value[] | Properties;

/** A bag of properties in its wire form. */
export interface Properties {
  [name: string]: Value;
}

/** What stands for a value that is not known yet (at preview). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

// Signatures of sdk/nodejs/runtime/rpc.ts in pulumi/pulumi; importing that file would load the whole SDK.
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/** Whether `value` is a bag with names, a wrapped secret included. */
export function isProperties(value: Value | undefined): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether `value` is a wrapped secret. */
export function isSecret(value: Value | undefined): value is Properties & { value: Value } {
  return isProperties(value) && value[SIGNATURE] === SECRET_SIGNATURE;
}

/** Wraps `value` as a secret, once. */
export function asSecret(value: Value): Value {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET_SIGNATURE, value };
}

/** Takes the outermost secret wrapping off `value`. */
export function unwrapSecret(value: Value): Value {
  return isSecret(value) ? value.value : value;
}

/** Takes every secret wrapping off `value`, and every null out of its bags. */
export function reveal(value: Value): Value {
  const bare = unwrapSecret(value);
  if (Array.isArray(bare)) return bare.map(reveal);
  if (!isProperties(bare)) return bare;
  const present = Object.entries(bare).filter(([, member]) => member !== null);
  return Object.fromEntries(present.map(([name, member]) => [name, reveal(member)]));
}
