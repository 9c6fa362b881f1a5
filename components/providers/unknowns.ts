// Values that are not known yet: at preview Pulumi hands a provider a marker instead. Pure.
import * as pulumi from "@pulumi/pulumi";

/** Tells whether a value, or anything inside it, is still unknown at preview. */
export function isUnknown(value: unknown): boolean {
  if (value === pulumi.runtime.unknownValue) return true;
  if (Array.isArray(value)) return value.some(isUnknown);
  return typeof value === "object" && value !== null && Object.values(value).some(isUnknown);
}
