// The part of the stack config that every provider operation needs, read by the provider itself: a rotated key or a
// moved kubeconfig is used at once, whatever the state holds.

import { processEnvironment } from "./environment.ts";
import { type ClusterSettings, parseCluster } from "./parse-cluster.ts";
import { parseSsh, type SshSettings } from "./parse-ssh.ts";
import type { Parsed } from "./problem.ts";
import { formatProblems } from "./problem-text.ts";
import { parseConfigValue } from "./raw-config.ts";

/** Tells how to reach the cluster and its hosts. */
export interface ConnectionSettings {
  readonly cluster: ClusterSettings;
  readonly ssh: SshSettings;
}

/**
 * Reads `nodepools:cluster` and `nodepools:ssh`, given as the engine hands them over. Each is read when it is asked for,
 * and throws when it is wrong: a preview that needs no host needs no SSH key.
 */
export function readConnectionSettings(
  clusterValue: string | undefined,
  sshValue: string | undefined,
): ConnectionSettings {
  return {
    get cluster() {
      return requireValue(parseCluster(parseConfigValue(clusterValue), processEnvironment));
    },
    get ssh() {
      return requireValue(parseSsh(parseConfigValue(sshValue), processEnvironment));
    },
  };
}

function requireValue<Value>({ value, problems }: Parsed<Value>): Value {
  if (problems === undefined) return value;
  throw new Error(formatProblems("reading the stack config", problems));
}
