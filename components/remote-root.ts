// How a command runs on a host as root. Pure but for the Outputs.
import * as pulumi from "@pulumi/pulumi";
import type { OwningCluster } from "./member-list.ts";
import type { HostAddress } from "./model/host.ts";
import { commandConnection } from "./ssh/command-connection.ts";
import { loaderCommand, programInput } from "./ssh/program.ts";

/** Holds where a host is, and the cluster whose credentials open it. */
export interface HostLogin {
  readonly cluster: OwningCluster;
  readonly host: pulumi.Input<HostAddress>;
}

/** What runs, and what it reads; the purpose is what Pulumi's errors quote, and what sudo's log has. */
interface HostProgram {
  readonly purpose: string;
  readonly script: string;
  readonly input: pulumi.Input<string>;
}

/** Returns the connection to a host. */
export function connectionTo({ host, cluster }: HostLogin) {
  return isKnownNow(host)
    ? cluster.credentials.apply((credentials) => commandConnection(host, credentials))
    : pulumi
        .all([host, cluster.credentials])
        .apply(([host, credentials]) => commandConnection(host, credentials));
}

/** Derives something from a host: at once where it can be, since an output costs as much as all the rest of a node. */
export function fromHost<Value>(
  host: pulumi.Input<HostAddress>,
  derive: (host: HostAddress) => Value,
): pulumi.Input<Value> {
  return isKnownNow(host)
    ? derive(host)
    : (pulumi.output(host).apply((known) => derive(known)) as pulumi.Input<Value>);
}

function isKnownNow(host: pulumi.Input<HostAddress>): host is HostAddress {
  return !pulumi.Output.isInstance(host) && !(host instanceof Promise);
}

/** Says where a command runs, and that it is this program as root. */
export function remoteRoot(access: HostLogin, { purpose, script, input }: HostProgram) {
  return {
    connection: connectionTo(access),
    create: fromHost(access.host, ({ user }) => loaderCommand(user, purpose)),
    stdin: pulumi.output(input).apply((text) => programInput(script, text)),
    addPreviousOutputInEnv: false,
  };
}

/**
 * The inputs whose change alone runs nothing: a newer program text is for the next run that the triggers ask for, which
 * replaces the command and gets everything anew.
 */
export const programText = ["create", "stdin"];
