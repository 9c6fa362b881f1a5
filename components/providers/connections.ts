// What every provider method needs to reach the cluster and the hosts, from the stack config of this very operation:
// a rotated key or a moved kubeconfig is used at once, also for nodes that were joined with the old one.
import type * as pulumi from "@pulumi/pulumi";
import type { KubeApi } from "../kube/api.ts";
import { connectKube } from "../kube/connect.ts";
import type { PoolPolicy } from "../model/pool-policy.ts";
import { readConnectionSettings } from "../settings/connection-settings.ts";
import { readLeavingPolicies, readLostHosts } from "../settings/leaving-policies.ts";
import type { SshCredentials } from "../ssh/credentials.ts";

let stackConfig: pulumi.dynamic.Config | undefined;
let kube: KubeApi | undefined;

/** Keeps the stack config that the engine hands over; called before any other method, possibly several times. */
export function configure(config: pulumi.dynamic.Config): void {
  stackConfig = config;
}

function settings() {
  if (stackConfig === undefined)
    throw new Error("reaching the cluster: the engine has not sent the stack's config");
  return readConnectionSettings(stackConfig.get("nodepools:cluster"), stackConfig.get("nodepools:ssh"));
}

/** Returns the one API client of this process. */
export function kubeApi(): KubeApi {
  kube ??= connectKube(settings().cluster);
  return kube;
}

/** Returns how the pools of the stack config let nodes leave, by pool. */
export function configuredPolicies(): ReadonlyMap<string, PoolPolicy> {
  return readLeavingPolicies(stackConfig?.get("nodepools:pools"));
}

/** Returns the names of the hosts that the stack config declares lost. */
export function configuredLostHosts(): ReadonlySet<string> {
  return readLostHosts(stackConfig?.get("nodepools:pools"));
}

/** Returns what proves this program to the hosts. */
export function sshCredentials(): SshCredentials {
  return settings().ssh.credentials;
}
