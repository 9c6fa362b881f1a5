// How a command runs on a host as root. Pure but for the Outputs.
import * as pulumi from "@pulumi/pulumi";
import type { OwningCluster } from "./member-list.ts";
import type { HostAddress } from "./model/host.ts";
import { commandConnection, remoteScript } from "./ssh/command-connection.ts";

/** Holds where a host is, and the cluster whose credentials open it. */
export interface HostLogin {
  readonly cluster: OwningCluster;
  readonly host: pulumi.Input<HostAddress>;
}

/** Returns the connection to a host. */
export function connectionTo({ host, cluster }: HostLogin) {
  return pulumi
    .all([host, cluster.credentials])
    .apply(([host, credentials]) => commandConnection(host, credentials));
}

/** Says where a command runs, and that it is this script as root. */
export function remoteRoot(access: HostLogin, script: string) {
  return {
    connection: connectionTo(access),
    create: pulumi.output(access.host).apply(({ user }) => remoteScript(script, user)),
    addPreviousOutputInEnv: false,
  };
}
