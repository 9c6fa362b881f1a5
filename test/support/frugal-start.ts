// How programs and providers of most tests start.
import { join } from "node:path";

/** What Node loads first. */
export const frugalStarter = join(import.meta.dirname, "frugal-start.cjs");

/** Environment of a run of the CLI, of which program and providers have it. */
export const frugalStart = { NODE_OPTIONS: `--require ${frugalStarter}` };
