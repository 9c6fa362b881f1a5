// The part of the stack config that every provider operation needs, read by the provider itself: a rotated key or a
// moved kubeconfig is used at once, whatever the state holds.
import { type ClusterSettings, parseCluster } from "./parse-cluster.ts";
import { parseSsh, type SshSettings } from "./parse-ssh.ts";
import { formatProblems } from "./problem-text.ts";
import { parseConfigValue } from "./raw-value.ts";
import { processSurroundings } from "./surroundings.ts";

/** Tells how to reach the cluster and its hosts. */
export interface ConnectionSettings {
  readonly cluster: ClusterSettings;
  readonly ssh: SshSettings;
}

/** Reads `nodepools:cluster` and `nodepools:ssh`, given as the engine hands them over; throws when they are wrong. */
export function readConnectionSettings(
  clusterValue: string | undefined,
  sshValue: string | undefined,
): ConnectionSettings {
  const cluster = parseCluster(parseConfigValue(clusterValue), processSurroundings);
  const ssh = parseSsh(parseConfigValue(sshValue), processSurroundings);
  if (cluster.problems || ssh.problems) {
    const problems = [...(cluster.problems ?? []), ...(ssh.problems ?? [])];
    throw new Error(formatProblems("reading the stack config", problems));
  }
  return { cluster: cluster.value, ssh: ssh.value };
}
