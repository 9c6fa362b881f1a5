// Nodes sorted into pools: what all of a pool have is the pool's, the rest each host's. Pure.
import type { Taint } from "../model/taint.ts";
import { type FoundNode, poolNameOf } from "./found-node.ts";

/** A host as it is declared. */
export interface ImportedHost {
  readonly name: string;
  readonly address: string;
  readonly user?: string;
  readonly port?: number;
  readonly hostKey?: string;
  readonly state?: "cordoned";
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
}

/** A pool as it is declared. */
export interface ImportedPool {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly hosts: readonly ImportedHost[];
}

/** Puts nodes into the pools that are named for them; those without one make a pool with their like. */
export function makePools(nodes: readonly FoundNode[]): ImportedPool[] {
  const named = Map.groupBy(
    nodes.filter(({ pool }) => pool !== undefined),
    ({ pool = "" }) => pool,
  );
  const alike = nameGroups(groupAlike(nodes.filter(({ pool }) => pool === undefined)), named);
  return [...named, ...alike].map(([name, members]) => makePool(name, members));
}

/** Labels that tell hosts of one pool apart, by their meaning. */
const ofHosts = /^topology\.kubernetes\.io\//;

function groupAlike(nodes: readonly FoundNode[]): FoundNode[][] {
  const keys = groupingKeys(nodes);
  const likeness = ({ labels, taints }: FoundNode) =>
    JSON.stringify([keys.map((key) => labels[key] ?? null), taints.map(writeTaint).sort()]);
  return [...Map.groupBy(nodes, likeness).values()];
}

/** A label with another value on each node that has it is the host's own, such as its rack unit or serial number. */
function groupingKeys(nodes: readonly FoundNode[]): string[] {
  const keys = [...new Set(nodes.flatMap(({ labels }) => Object.keys(labels)))].sort();
  return keys.filter((key) => {
    const values = nodes.flatMap(({ labels }) => labels[key] ?? []);
    const isHosts = values.length > 1 && new Set(values).size === values.length;
    return !ofHosts.test(key) && !isHosts;
  });
}

type Groups = readonly (readonly FoundNode[])[];

/** Takes the names of a label that tells all groups apart, or of their roles; else numbers. */
function nameGroups(groups: Groups, taken: ReadonlyMap<string, unknown>): [string, readonly FoundNode[]][] {
  const names = namesByLabel(groups) ?? namesByRole(groups) ?? groups.map((_, at) => numbered(at, groups));
  const isFree = names.every((name) => !taken.has(name));
  return groups.map((group, at) => {
    const name = names[at] ?? "";
    return [isFree ? name : `imported-${name}`, group];
  });
}

function numbered(at: number, { length }: Groups): string {
  return length === 1 ? "workers" : `workers-${at + 1}`;
}

const role = /^node-role\.kubernetes\.io\//;

function namesByLabel(groups: Groups): string[] | undefined {
  if (groups.length < 2) return undefined;
  const keys = Object.keys(groups[0]?.[0]?.labels ?? {}).filter((key) => !role.test(key));
  return firstDistinct(keys.map((key) => groups.map((group) => sameValue(group, key))));
}

function namesByRole(groups: Groups): string[] | undefined {
  const roles = groups.map((group) => Object.keys(group[0]?.labels ?? {}).filter((key) => role.test(key)));
  return firstDistinct([roles.map((keys) => (keys.length === 1 ? keys[0]?.replace(role, "") : undefined))]);
}

function sameValue(group: readonly FoundNode[], key: string): string | undefined {
  const values = new Set(group.map(({ labels }) => labels[key]));
  return values.size === 1 ? [...values][0] : undefined;
}

function firstDistinct(candidates: readonly (readonly (string | undefined)[])[]): string[] | undefined {
  const named = candidates.map((texts) => texts.map((text) => poolNameOf(text ?? "")));
  return named.find((names): names is string[] => !names.includes(undefined) && isDistinct(names));
}

function isDistinct(names: readonly unknown[]): boolean {
  return new Set(names).size === names.length;
}

function writeTaint({ key, value = "", effect }: Taint): string {
  return `${key}=${value}:${effect}`;
}

function makePool(name: string, nodes: readonly FoundNode[]): ImportedPool {
  const labels = commonLabels(nodes);
  const taints = commonTaints(nodes);
  const common = new Set(taints.map(writeTaint));
  return {
    name,
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(taints.length > 0 && { taints }),
    hosts: nodes.map((node) => {
      const own = Object.entries(node.labels).filter(([key]) => !(key in labels));
      const others = node.taints.filter((taint) => !common.has(writeTaint(taint)));
      return {
        name: node.name,
        address: node.address,
        ...(node.port !== undefined && { port: node.port }),
        ...(node.user !== undefined && { user: node.user }),
        ...(node.cordoned && { state: "cordoned" as const }),
        ...(own.length > 0 && { labels: Object.fromEntries(own) }),
        ...(others.length > 0 && { taints: others }),
      };
    }),
  };
}

function commonLabels(nodes: readonly FoundNode[]): Record<string, string> {
  const [first, ...others] = nodes;
  const common = Object.entries(first?.labels ?? {}).filter(([key, value]) =>
    others.every(({ labels }) => labels[key] === value),
  );
  return Object.fromEntries(common);
}

function commonTaints(nodes: readonly FoundNode[]): Taint[] {
  const [first, ...others] = nodes;
  return (first?.taints ?? []).filter((taint) =>
    others.every(({ taints }) => taints.some((other) => writeTaint(other) === writeTaint(taint))),
  );
}
