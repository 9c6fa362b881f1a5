// What Pulumi's state holds for one host's enrollment, an on-disk format, so shapes only grow; and what a change of it
// means. Pure.
import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import type { HostAddress } from "../../model/host.ts";
import type { RosterPlace } from "../../model/roster.ts";
import type { Taint } from "../../model/taint.ts";

/** Declares that a host is to be a node of the cluster. */
export interface EnrollmentInputs {
  readonly schema: 1;
  /** Node name. A change replaces: drained, reset and joined again. */
  readonly node: string;
  /** Stack that owns the host, as `organization/project/stack`. Changes in place. */
  readonly owner: string;
  /** Where the host is. Changes in place; the machine behind a new address must be the same one. */
  readonly host: HostAddress;
  /** Any text; a changed one drains, resets and joins the host again. */
  readonly rejoinTrigger: string;
  /** Labels and taints that the Node registers with; later changes are the membership's. */
  readonly registration: {
    readonly labels: Readonly<Record<string, string>>;
    readonly taints: readonly Taint[];
  };
  /** Where the host stands among all declared ones; told with the declaration, and in no state but those of earlier releases. */
  readonly roster?: RosterPlace;
  /** Declared runtime socket, as a URL; absent means the one that serves CRI. Counts for the next join. */
  readonly runtimeSocket?: string;
  /** URN of this resource, for progress lines on its own row. */
  readonly __urn: string;
}

/** Adds to the inputs what the host was found to be and how it joins. */
export interface EnrollmentOutputs extends EnrollmentInputs {
  /** Machine id of the host, which the Node must report as well. */
  readonly machineId: string;
  /** Runtime socket found on the host, as a URL. */
  readonly criSocket: string;
  /** `sha256:` pin of the cluster's CA at the time of the enrollment; absent in older states. */
  readonly clusterCa?: string;
  /** Id half of the bootstrap token; empty when the host was adopted. */
  readonly tokenId: string;
  /** In states of earlier releases the JoinConfiguration, secret; empty since it is left on the host. */
  readonly joinConfiguration: string;
}

/**
 * Compares state with declaration. Labels and taints of the registration are left out on purpose: they matter only
 * while joining, later changes are the membership's. So is the place in the roster, which is told and not kept.
 */
export function diffEnrollment(
  olds: EnrollmentOutputs,
  news: EnrollmentInputs,
  nodeMissing: boolean,
): pulumi.dynamic.DiffResult {
  const replaces: string[] = (["node", "rejoinTrigger"] as const).filter(
    (field) => olds[field] !== news[field],
  );
  if (nodeMissing) replaces.push("joinConfiguration");
  const changed = (["owner", "host"] as const).some((field) => !isDeepStrictEqual(olds[field], news[field]));
  return { changes: changed || replaces.length > 0, replaces, deleteBeforeReplace: true };
}
