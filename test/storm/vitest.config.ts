// The storm of kills: no part of `npm test`, because its moments are random.
import { defineConfig } from "vitest/config";

const hour = 3_600_000;

declare module "vitest" {
  interface ProvidedContext {
    /** What `npm run storm` was asked for. */
    storm: { readonly kills: number; readonly seed: number };
  }
}

export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/storm/*.test.ts"],
    globalSetup: ["test/support/fresh-build.ts", "test/support/lab-set-up.ts"],
    setupFiles: ["test/support/renewed-lab.ts"],
    testTimeout: hour,
    hookTimeout: hour,
  },
});
