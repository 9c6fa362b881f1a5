// How marks stand in the values of labels, which have 63 characters of letters, digits, ".", "_" and "-". Pure.
import { createHash } from "node:crypto";
import { isLabelValue } from "./label-syntax.ts";

/** A reboot that is under way. */
export interface RebootMark {
  /** Hash of the rebootTrigger that asked for it. */
  readonly trigger: string;
  /** Boot id that the reboot is to end. */
  readonly bootId: string;
  /** Whether the cordon is ours, to be lifted afterwards. */
  readonly uncordon: boolean;
  /** Whether the drain has ended and the machine may be down. */
  readonly down: boolean;
}

/** Returns the hash by which a Node names the stack that owns it. */
export function hashOwner(owner: string): string {
  return hash(owner, 32);
}

/** Returns the hash by which a reboot's mark names its rebootTrigger. */
export function hashTrigger(trigger: string): string {
  return hash(trigger, 16);
}

function hash(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}

/** Returns a boot id as a mark can hold it: a kubelet may report any text. */
export function bootIdText(bootId: string): string {
  return bootId.replaceAll(/[^A-Za-z0-9-]/g, "").slice(0, 36);
}

/** Writes an RFC 3339 time without colons; of another text what a label can hold, since anyone may have written it. */
export function writeTimeValue(time: string): string {
  const value = time.replaceAll(":", "-");
  return isLabelValue(value) && value !== "" ? value : "unknown";
}

/** Reads such a time; what an administrator has written instead stays as it is. */
export function readTimeValue(value: string | undefined): string | undefined {
  return value?.replace(/^(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d(\.\d+)?Z)$/, "$1:$2:$3");
}

/** Writes a reboot, as `<hash of the trigger>.<boot id>.<lift or keep the cordon>[-down]`. */
export function writeRebootValue({ trigger, bootId, uncordon, down }: RebootMark): string {
  return `${trigger}.${bootIdText(bootId)}.${uncordon ? "lift" : "keep"}${down ? "-down" : ""}`;
}

/** Reads a reboot; someone else's text is read as if there were none. */
export function readRebootValue(value: string | undefined): RebootMark | undefined {
  const fields = /^([0-9a-f]{16})\.([A-Za-z0-9-]*)\.(lift|keep)(-down)?$/.exec(value ?? "");
  if (fields === null) return undefined;
  const [, trigger = "", bootId = "", cordon, down] = fields;
  return { trigger, bootId, uncordon: cordon === "lift", down: down !== undefined };
}

/** Reads the JSON in which earlier versions wrote a reboot into an annotation. */
export function readRebootJson(text: string | undefined): RebootMark | undefined {
  if (text === undefined) return undefined;
  try {
    const { trigger = "", bootId, uncordon, down } = JSON.parse(text) as Partial<RebootMark>;
    if (typeof bootId !== "string" || typeof trigger !== "string") return undefined;
    return {
      trigger: hashTrigger(trigger),
      bootId: bootIdText(bootId),
      uncordon: uncordon === true,
      down: down === true,
    };
  } catch {
    return undefined;
  }
}
