// Test layers, from no I/O at all to a real cluster on this machine.
import { defineConfig } from "vitest/config";

const seconds = 1000;

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    passWithNoTests: false,
    // Most tests wait for other processes: two cores serve three workers.
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 10 * seconds },
      },
      {
        extends: true,
        test: { name: "component", include: ["test/component/**/*.test.ts"], testTimeout: 20 * seconds },
      },
      {
        // Real sshd, API server, Pulumi provider process and CLI on loopback.
        extends: true,
        test: {
          name: "provider",
          include: ["test/provider/**/*.test.ts", "test/plugins/**/*.test.ts"],
          globalSetup: ["test/support/fresh-build.ts"],
          testTimeout: 60 * seconds,
          hookTimeout: 120 * seconds,
        },
      },
      {
        // Real CLI, API server and sshd; hosts whose kubeadm is a stand-in. A worker keeps its API server for all files.
        extends: true,
        test: {
          name: "engine",
          include: ["test/engine/**/*.test.ts"],
          globalSetup: ["test/support/fresh-build.ts"],
          isolate: false,
          testTimeout: 240 * seconds,
          hookTimeout: 900 * seconds,
        },
      },
      {
        // Real hosts. Most tests wait, so that two files run at once, each with a lab of its own.
        extends: true,
        test: {
          name: "lab",
          include: ["test/lab/**/*.test.ts"],
          globalSetup: ["test/support/fresh-build.ts", "test/support/lab-set-up.ts"],
          setupFiles: ["test/support/renewed-lab.ts"],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 240 * seconds,
          hookTimeout: 240 * seconds,
        },
      },
    ],
  },
});
