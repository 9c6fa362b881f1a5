// What the state holds for one small pool, in today's shape; tests replace the fields that they are about.
import type { EnrollmentInputs, EnrollmentOutputs } from "../../components/providers/enrollment/state.ts";
import type { MembershipInputs, MembershipOutputs } from "../../components/providers/membership/state.ts";
import type { RosterInputs } from "../../components/providers/roster/state.ts";

/** Stack that owns everything that these inputs declare. */
export const owner = "acme/nodepools/dev";

/** Machine id of the machine behind the inputs. */
export const machineId = "0123456789abcdef0123456789abcdef";

const host = { address: "192.0.2.1", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
const drain = { timeoutSeconds: 10, deleteEmptyDirData: false, force: false };

/** Returns the URN of a resource of the package. */
export function urnOf(type: string, name: string): string {
  return `urn:pulumi:dev::nodepools::pulumi-nodejs:dynamic/nodepools:${type}::${name}`;
}

/** Returns a membership as declared: node w1 of pool workers, without metadata. */
export function membershipInputs(more: Partial<MembershipInputs> = {}): MembershipInputs {
  const node = more.node ?? "w1";
  return {
    schema: 1,
    node,
    pool: "workers",
    owner,
    joinId: "join-1",
    machineId,
    tokenId: "",
    host,
    labels: {},
    annotations: {},
    taints: [],
    schedulable: true,
    readyTimeoutSeconds: 10,
    drain,
    maxUnavailable: 1,
    __urn: urnOf("NodeMembership", node),
    ...more,
  };
}

/** Returns a membership as it is in state after its Node was Ready. */
export function membershipOutputs(more: Partial<MembershipOutputs> = {}): MembershipOutputs {
  const observed = {
    uid: "uid-1",
    ready: "True",
    schedulable: true,
    kubeletVersion: "v1.34.4",
    containerRuntime: "containerd://1.7.28",
    internalIp: "192.0.2.1",
    conditions: [],
  };
  return { ...membershipInputs(more), observed, joined: true, ...more };
}

/** Returns an enrollment as declared: node w1. */
export function enrollmentInputs(more: Partial<EnrollmentInputs> = {}): EnrollmentInputs {
  const node = more.node ?? "w1";
  return {
    schema: 1,
    node,
    owner,
    host,
    rejoinTrigger: "",
    registration: { labels: {}, taints: [] },
    __urn: urnOf("HostEnrollment", node),
    ...more,
  };
}

/** Returns an enrollment as it is in state after the host was prepared. */
export function enrollmentOutputs(more: Partial<EnrollmentOutputs> = {}): EnrollmentOutputs {
  return {
    ...enrollmentInputs(more),
    machineId,
    criSocket: "unix:///run/containerd/containerd.sock",
    tokenId: "abcdef",
    joinConfiguration: "kind: JoinConfiguration\n",
    ...more,
  };
}

/** Returns a roster whose members are all in pool workers. */
export function rosterInputs(nodes: readonly string[], more: Partial<RosterInputs> = {}): RosterInputs {
  return {
    schema: 1,
    owner,
    members: nodes.map((node) => ({ node, pool: "workers" })),
    pools: [{ name: "workers", maxUnavailable: 1, drain }],
    __urn: urnOf("Roster", "dev"),
    ...more,
  };
}
