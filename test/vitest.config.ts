// Test layers, from no I/O at all to a real cluster on this machine; all in one group, so that they run side by side.
// Where files are not isolated, those of a project that follow each other share a worker, which saves what importing costs.
import { defineConfig } from "vitest/config";
import { LabsEnd } from "./support/labs-end.ts";
import { TestOrder } from "./support/test-order.ts";

const seconds = 1000;

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    passWithNoTests: false,
    // A lab test waits more than it works, and two cores serve that many labs, one for each worker.
    maxWorkers: 5,
    // Taking the labs down is a part of it.
    teardownTimeout: 120 * seconds,
    sequence: { sequencer: TestOrder },
    reporters: ["default", new LabsEnd()],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          isolate: false,
          testTimeout: 30 * seconds,
        },
      },
      {
        extends: true,
        test: { name: "component", include: ["test/component/**/*.test.ts"], testTimeout: 60 * seconds },
      },
      {
        // Real sshd, API server, Pulumi provider process and CLI on loopback.
        extends: true,
        test: {
          name: "provider",
          include: ["test/provider/**/*.test.ts"],
          globalSetup: ["test/support/fresh-build.ts", "test/support/shared-api-servers.ts"],
          isolate: false,
          setupFiles: ["test/support/wait-for-tools.ts"],
          testTimeout: 120 * seconds,
          hookTimeout: 240 * seconds,
        },
      },
      {
        // Hosts, kubelets, tenants and servers that lie: each finding of an attacker's reading keeps its test here.
        extends: true,
        test: {
          name: "hostile",
          include: ["test/hostile/**/*.test.ts"],
          globalSetup: ["test/support/fresh-build.ts", "test/support/shared-api-servers.ts"],
          setupFiles: ["test/support/wait-for-tools.ts"],
          testTimeout: 120 * seconds,
          hookTimeout: 240 * seconds,
        },
      },
      {
        // The package as others install it, with the real CLI.
        extends: true,
        test: {
          name: "package",
          include: ["test/package/**/*.test.ts"],
          globalSetup: ["test/support/shared-api-servers.ts"],
          setupFiles: ["test/support/wait-for-tools.ts"],
          testTimeout: 120 * seconds,
        },
      },
      {
        // Real CLI, API server and sshd; hosts whose kubeadm is a stand-in. A worker keeps its API server for all files.
        extends: true,
        test: {
          name: "engine",
          include: ["test/engine/**/*.test.ts"],
          globalSetup: ["test/support/fresh-build.ts", "test/support/shared-api-servers.ts"],
          isolate: false,
          setupFiles: ["test/support/wait-for-tools.ts"],
          testTimeout: 240 * seconds,
          hookTimeout: 900 * seconds,
        },
      },
      {
        // The lab's stand-ins for what Pulumi publishes: not the product. Its files share their processes.
        extends: true,
        test: {
          name: "stand-ins",
          include: ["test/stand-ins/**/*.test.ts"],
          globalSetup: ["test/support/shared-api-servers.ts"],
          isolate: false,
          setupFiles: ["test/support/wait-for-tools.ts"],
          testTimeout: 120 * seconds,
          hookTimeout: 240 * seconds,
        },
      },
      {
        // Real hosts.
        extends: true,
        test: {
          name: "lab",
          include: ["test/lab/**/*.test.ts"],
          globalSetup: ["test/support/fresh-build.ts", "test/support/lab-set-up.ts"],
          setupFiles: ["test/support/wait-for-tools.ts", "test/support/renewed-lab.ts"],
          testTimeout: 480 * seconds,
          hookTimeout: 480 * seconds,
        },
      },
    ],
  },
});
