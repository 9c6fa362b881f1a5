// The worker nodes of a kubespray inventory: group kube_node without the control plane, each with what logs in to it. Pure.
import { oneLine } from "../model/foreign-text.ts";
import { taintOf } from "../settings/host-table.ts";
import { isMap } from "../settings/raw-config.ts";
import type { AnsibleInventory } from "./ansible-inventory.ts";
import { ownLabels, ownTaints } from "./cluster-nodes.ts";
import { type Found, type FoundNode, poolNameOf } from "./found-node.ts";
import { ImportError } from "./import-error.ts";

// With hyphens, as kubespray wrote them before 2.15.
const workerGroups = ["kube_node", "kube-node"];
const controlPlaneGroups = ["kube_control_plane", "kube-control-plane", "kube-master"];

/** Finds the workers; a group below kube_node is a pool. */
export function findInventoryWorkers(inventory: AnsibleInventory): Found {
  const group = workerGroups.find((name) => inventory.groups.has(name));
  if (group === undefined) {
    const known = [...inventory.groups.keys()].slice(0, 20).map((name) => oneLine(name, 60));
    throw new ImportError(
      `the inventory has no group kube_node, which holds kubespray's nodes. It has: ${known.join(", ") || "none"}.`,
    );
  }
  const managers = new Set(controlPlaneGroups.flatMap((name) => inventory.hostsOf(name)));
  const hosts = inventory.hostsOf(group);
  const read = hosts.filter((host) => !managers.has(host)).map((host) => readHost(inventory, group, host));
  return {
    nodes: read.map(({ node }) => node),
    notes: [
      ...hosts
        .filter((host) => managers.has(host))
        .map((host) => `${oneLine(host)} is left out: it is a node of the control plane`),
      ...read.flatMap(({ notes }) => notes),
    ],
  };
}

function readHost(
  inventory: AnsibleInventory,
  group: string,
  host: string,
): { readonly node: FoundNode; readonly notes: readonly string[] } {
  const vars = inventory.varsOf(host);
  const notes: string[] = [];
  const text = (...names: readonly string[]): string | undefined => {
    const given = names.flatMap((name) => (vars[name] === undefined ? [] : [[name, vars[name]] as const]));
    const [name, value] = given[0] ?? [];
    if (name === undefined || (typeof value !== "string" && typeof value !== "number")) return undefined;
    if (!String(value).includes("{{")) return String(value);
    notes.push(`${oneLine(host)}: ${name} is a template, which is not evaluated`);
    return undefined;
  };
  const [user, port, privateKeyFile] = [
    text("ansible_user", "ansible_ssh_user"),
    Number(text("ansible_port", "ansible_ssh_port")),
    text("ansible_ssh_private_key_file", "ansible_private_key_file"),
  ];
  const pool = poolOf(inventory, group, host);
  const node: FoundNode = {
    name: (text("kube_override_hostname") ?? host).toLowerCase(),
    address: text("ansible_host", "ansible_ssh_host", "access_ip", "ip") ?? host,
    ...(user !== undefined && { user }),
    ...(Number.isInteger(port) && { port }),
    ...(privateKeyFile !== undefined && { privateKeyFile }),
    labels: ownLabels(readLabels(vars.node_labels)),
    taints: ownTaints(readTaints(vars.node_taints)),
    cordoned: false,
    ...(pool && { pool }),
  };
  return { node, notes };
}

/** A host in several groups below kube_node is in the pool of the first. */
function poolOf(inventory: AnsibleInventory, group: string, host: string): string | undefined {
  const below = [...(inventory.groups.get(group)?.children ?? [])];
  return poolNameOf(below.find((child) => inventory.hostsOf(child).includes(host)) ?? "");
}

function readLabels(given: unknown): Record<string, string> {
  const entries = isMap(given) ? Object.entries(given) : [];
  return Object.fromEntries(entries.map(([key, value]) => [key, value === null ? "" : String(value)]));
}

type AnyTaint = Parameters<typeof ownTaints>[0][number];

function readTaints(given: unknown): AnyTaint[] {
  const texts = Array.isArray(given) ? given : typeof given === "string" ? given.split(",") : [];
  return texts.flatMap((text) => {
    const taint = typeof text === "string" ? taintOf(text.trim()) : undefined;
    return isMap(taint) ? [taint as unknown as AnyTaint] : [];
  });
}
