// The page in a real browser: no part of `npm test`, because a browser is 100 MB of Debian packages.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/browser/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
