// Brings the shared lab up before the first lab test and down after the last.
import { down, up } from "../../lab/lab.ts";
import { hostCount, lab } from "./test-lab.ts";

/** Called by vitest once; the returned function at the end. */
export default async function setup(): Promise<() => Promise<void>> {
  await down(lab);
  await up(lab, { hosts: hostCount });
  return () => down(lab);
}
