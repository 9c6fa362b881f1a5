// Tells the user what a resource is doing, on the resource's own row of `pulumi up`.
import * as pulumi from "@pulumi/pulumi";
import { showControls } from "../model/foreign-text.ts";
import { connectEngineLog, logTarget } from "../pulumi-internals/engine-log.ts";

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

const quietMilliseconds = 2000;

/** Returns the voice of the resource with this URN. */
export function progressOf(urn: string): Progress {
  connectEngineLog();
  const resource = logTarget(urn);
  let spokenAt = 0;
  const speak = (text: string) => {
    spokenAt = Date.now();
    // A lost progress line is no reason to stop a drain.
    pulumi.log.info(showControls(text), resource, 0, true).catch(() => undefined);
  };
  return {
    now(text) {
      if (Date.now() - spokenAt >= quietMilliseconds) speak(text);
    },
    done: speak,
    say: (text) => pulumi.log.info(showControls(text), resource, 0, false),
    warn: (text) => pulumi.log.warn(showControls(text), resource, 0, false),
  };
}
