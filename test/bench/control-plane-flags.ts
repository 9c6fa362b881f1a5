// What the benchmark's control plane does differently: it counts requests and has no brake of its own.
import { join } from "node:path";
import type { ComponentFlags } from "../../lab/control-plane/control-plane.ts";
import type { Lab } from "../../lab/lab-folder.ts";

/** Path of the audit log. */
export function auditLogOf(lab: Lab): string {
  return join(lab.logs, "audit.log");
}

const unthrottled = ["--kube-api-qps=2000", "--kube-api-burst=4000"];

/** Returns the flags; those of the controllers let them keep up with any side, so that neither side waits for them. */
export function controlPlaneFlags(lab: Lab): ComponentFlags {
  return {
    "kube-apiserver": [
      `--audit-policy-file=${join(import.meta.dirname, "audit-policy.yaml")}`,
      `--audit-log-path=${auditLogOf(lab)}`,
      // In megabytes: a log that is rotated in the middle of a run could not be counted.
      "--audit-log-maxsize=2000",
    ],
    "kube-controller-manager": [
      ...unthrottled,
      "--concurrent-deployment-syncs=20",
      "--concurrent-replicaset-syncs=20",
      // kwok's heartbeats come late on a busy machine; a node that is taken for dead would make every budget zero.
      "--node-monitor-grace-period=180s",
    ],
    "kube-scheduler": unthrottled,
  };
}
