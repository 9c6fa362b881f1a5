// What a Node remembers of a reboot that is under way, so that a rerun goes on with it. Pure.
import { rebootingAnnotation } from "./owner.ts";

/** A reboot that is under way. */
export interface RebootMark {
  /** The rebootTrigger that asked for it. */
  readonly trigger: string;
  /** Boot id that the reboot is to end. */
  readonly bootId: string;
  /** Whether the cordon is ours, to be lifted afterwards. */
  readonly uncordon: boolean;
  /** Whether the drain has ended and the machine may be down. */
  readonly down: boolean;
}

/** Writes a mark as the annotation's text. */
export function renderRebootMark(mark: RebootMark): string {
  return JSON.stringify(mark);
}

/** Reads the mark among a Node's annotations; undefined when there is none, or not one of ours. */
export function parseRebootMark(
  annotations: Readonly<Record<string, string>> | undefined,
): RebootMark | undefined {
  const text = annotations?.[rebootingAnnotation];
  if (text === undefined) return undefined;
  try {
    const { trigger = "", bootId, uncordon, down } = JSON.parse(text) as Partial<RebootMark>;
    if (typeof bootId !== "string") return undefined;
    return { trigger, bootId, uncordon: uncordon === true, down: down === true };
  } catch {
    // Someone else's text: as if there were none.
    return undefined;
  }
}
