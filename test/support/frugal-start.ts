// How programs and providers of most tests start: without the TypeScript compiler, see lazy-compiler.cjs.
import { join } from "node:path";

/** What Node loads first. */
export const lazyCompiler = join(import.meta.dirname, "lazy-compiler.cjs");

/** Environment of a run of the CLI, of which program and providers have it. */
export const frugalStart = { NODE_OPTIONS: `--require ${lazyCompiler}` };
