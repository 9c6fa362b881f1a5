// Tells the user what a resource is doing, on the resource's own row of `pulumi up`.
import * as pulumi from "@pulumi/pulumi";
import type { Clock } from "../model/clock.ts";
import { durations } from "../model/durations.ts";
import { oneLine, showControls } from "../model/foreign-text.ts";
import { logTarget } from "../pulumi-internals/engine-log.ts";

/** Speaks for one resource; every line is best effort and never fails the work. */
export interface Progress {
  /** Replaces the live text of the row; not kept in the diagnostics. At most one line in two seconds goes out. */
  now(text: string): void;
  /** Replaces the live text at the end of a piece of work, however young the one before is: it stays on the row. */
  done(text: string): void;
  /** Leaves one line in the diagnostics. */
  say(text: string): Promise<void>;
  /** Leaves one warning in the diagnostics. */
  warn(text: string): Promise<void>;
}

/** Length of the live text, in characters: a row of the screen shows less. */
const rowLimit = 500;

/** Returns the voice of the resource with this URN. */
export function progressOf(urn: string, clock: Clock): Progress {
  const resource = logTarget(urn);
  let spokenAt = Number.NEGATIVE_INFINITY;
  const speak = (text: string) => {
    spokenAt = clock.now();
    // A lost progress line is no reason to stop a drain.
    pulumi.log.info(oneLine(text, rowLimit), resource, 0, true).catch(() => undefined);
  };
  return {
    now(text) {
      if (clock.now() - spokenAt >= durations.providers.progressLine) speak(text);
    },
    done: speak,
    say: (text) => pulumi.log.info(showControls(text), resource, 0, false),
    warn: (text) => pulumi.log.warn(showControls(text), resource, 0, false),
  };
}
