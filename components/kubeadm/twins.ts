// Nodes that say that they run on the host that is judged, under other names. Pure.
//
// A kubelet writes its Node's machine-id itself, so that this alone proves nothing: the host's own certificate and marker
// decide, and what the stack's state has of hosts that were asked over SSH. Clones of one disk are the honest case.
import type { ClusterFacts } from "./cluster-facts.ts";
import type { HostFindings } from "./findings.ts";

/** How a clone gets a machine-id of its own: systemd would take the one that D-Bus has in a file, where that is no link. */
export const renewMachineId =
  "empty /etc/machine-id on it, delete /var/lib/dbus/machine-id if that is no link, and reboot it";

/**
 * Returns why a host with twins is not to be touched, if so:
 * - its certificate is that of a twin: it is that node
 * - its certificate or its marker is that of the declared name: taken, whatever others say
 * - its marker is that of a twin: it is that node
 * - a twin is a node of this stack whose host had that machine-id itself: a clone, or one machine under two names
 * - kubeadm's files are there and no certificate tells whose they are: it may be that node
 * - else: taken.
 */
export function twinReasons(findings: HostFindings, facts: ClusterFacts): string[] {
  const { twins = [], nodeName, owner } = facts;
  const [some] = twins;
  if (some === undefined) return [];
  const certified = findings.nodeCertificate?.nodeName;
  const claimed = findings.marker?.owner === owner ? findings.marker.node : undefined;
  const isTwin = (name: string | undefined) => twins.some((twin) => twin.name === name);
  if (isTwin(certified)) return [sameNode(`the host's own certificate is that of Node ${certified}`)];
  if (certified === nodeName || claimed === nodeName) return [];
  if (isTwin(claimed)) return [sameNode(`the host is claimed as node ${claimed} of this stack`)];
  const enrolled = twins.find(({ isEnrolled }) => isEnrolled);
  if (enrolled !== undefined) return [oneMachineId(enrolled.name, findings.machineId)];
  if (certified === undefined && findings.files.length > 0) return [nobodyTells(some.name, findings)];
  return [];
}

function sameNode(sign: string): string {
  return `${sign}: declare it under that name, or remove that entry in a run of its own first`;
}

function oneMachineId(twin: string, machineId: string): string {
  return (
    `host "${twin}" of this stack has the same machine-id ${machineId}: when the host is a clone, ` +
    `${renewMachineId}; when both are one machine, remove one of the two entries`
  );
}

function nobodyTells(twin: string, { machineId, files }: HostFindings): string {
  return (
    `Node ${twin} has the host's machine-id ${machineId}, and the host has ${files[0]} without a certificate that tells its name: ` +
    `when it is that node, declare it under that name; when it is not, run \`kubeadm reset\` on it`
  );
}

/** Returns what to tell of the twins of a host that is taken. */
export function twinDoubt({ machineId }: HostFindings, { twins = [] }: ClusterFacts): string | undefined {
  const [twin] = twins;
  if (twin === undefined) return undefined;
  return `Node "${twin.name}" reports this host's machine-id ${machineId} as its own. When the host is a clone of that machine, ${renewMachineId}; when it is none, that Node does not tell the truth: look into the machine that it runs on`;
}
