// Lets one caller at a time change a lab.
import type { Lab } from "./lab-folder.ts";
import { say } from "./progress.ts";
import { withLock } from "./toolchain/lock.ts";

/** Does the work while nobody else changes the lab; says once whom it waits for. */
export function withLab<T>(lab: Lab, work: () => Promise<T>): Promise<T> {
  const said = new Set<string>();
  const note = (text: string): void => {
    if (!said.has(text)) say(`· ${text}`);
    said.add(text);
  };
  return withLock(lab.lock, note, work);
}
