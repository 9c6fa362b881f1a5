// Raises the machine's inotify limits, which are too low for several kubelets. They stay raised.
import { readFileSync, writeFileSync } from "node:fs";

const leastLimits = { max_user_instances: 8192, max_user_watches: 1_048_576 };

/** Raises each limit that is lower than the lab needs. */
export function ensureInotifyLimits(): void {
  for (const [name, least] of Object.entries(leastLimits)) {
    const file = `/proc/sys/fs/inotify/${name}`;
    if (Number(readFileSync(file, "utf8")) < least) writeFileSync(file, String(least));
  }
}
