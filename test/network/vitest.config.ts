// Hosts on the network that most clusters have: no part of `npm test`, because its programs are built from source first.
import { defineConfig } from "vitest/config";

const minute = 60_000;

export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/network/*.test.ts"],
    globalSetup: ["test/support/fresh-build.ts", "test/support/lab-set-up.ts"],
    // One lab after the other: each has all of the machine.
    maxWorkers: 1,
    testTimeout: 10 * minute,
    hookTimeout: 60 * minute,
  },
});
