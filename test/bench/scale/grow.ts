// Makes a state with many nodes of one with two, so that large stacks are measured without joining as many hosts. Pure.
import { createHash } from "node:crypto";

/** A resource as a state file has it. */
interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly dependencies?: readonly string[];
}

/** What `pulumi stack export` prints. */
export interface ExportedState {
  readonly deployment: { readonly resources: readonly StateResource[] };
}

/** A machine that exists in the state and as a Node only. */
export interface InventedHost {
  readonly name: string;
  readonly address: string;
  readonly machineId: string;
}

/** The node that the invented ones are copies of. */
export const template = "w2";

/** Invents hosts. */
export function inventHosts(count: number): InventedHost[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `n${String(index).padStart(5, "0")}`;
    const address = `10.${90 + Math.floor(index / 62_500)}.${Math.floor(index / 250) % 250}.${(index % 250) + 1}`;
    return { name, address, machineId: createHash("md5").update(name).digest("hex") };
  });
}

/** Adds the hosts as members to a state whose nodes w1 and w2 have joined. */
export function growState(state: ExportedState, hosts: readonly InventedHost[]): ExportedState {
  const { resources } = state.deployment;
  const copied = resources.filter(({ urn }) => urn.endsWith(`::${template}`));
  const copies = hosts.flatMap((host) => copied.map((resource) => copyFor(host, resource, copied)));
  // Parents stand before their children: the new ones' parents are all there.
  const roster = resources.filter(({ type }) => type.endsWith(":Roster"));
  const others = resources.filter((resource) => !roster.includes(resource));
  const grown = [...others, ...copies, ...roster.map((one) => withMembers(one, hosts))];
  return { ...state, deployment: { ...state.deployment, resources: grown } };
}

function copyFor(
  { name, address, machineId }: InventedHost,
  resource: StateResource,
  copied: readonly StateResource[],
): StateResource {
  const find = (type: string) => copied.find((one) => one.type.endsWith(type));
  const outputs = find(":HostEnrollment")?.outputs as
    | { readonly machineId: string; readonly host: { readonly address: string; readonly port: number } }
    | undefined;
  const join = find(":Command")?.id ?? "";
  const replaced: readonly [string, string][] = [
    [`::${template}"`, `::${name}"`],
    [`"${template}-`, `"${name}-`],
    [`"id":"${template}"`, `"id":"${name}"`],
    [`"node":"${template}"`, `"node":"${name}"`],
    [`"${join}"`, `"${name}${join}"`],
    [outputs?.machineId ?? "", machineId],
    [`"${outputs?.host.address}"`, `"${address}"`],
    [`"port":${outputs?.host.port}`, `"port":22`],
    // In a secret, which is text in text.
    [`\\"${outputs?.host.address}\\"`, `\\"${address}\\"`],
    [`\\"port\\":${outputs?.host.port}`, `\\"port\\":22`],
  ];
  const text = replaced.reduce((all, [from, to]) => all.replaceAll(from, to), JSON.stringify(resource));
  return JSON.parse(text) as StateResource;
}

function withMembers(roster: StateResource, hosts: readonly InventedHost[]): StateResource {
  const membership = roster.dependencies?.find((urn) => urn.endsWith(`::${template}`)) ?? "";
  const grow = (side: Readonly<Record<string, unknown>> | undefined) => {
    const former = side?.members as readonly { readonly node: string }[];
    const member = former.find(({ node }) => node === template);
    const all = [...former, ...hosts.map(({ name }) => ({ ...member, node: name }))];
    return { ...side, members: all.sort((one, other) => (one.node < other.node ? -1 : 1)) };
  };
  return {
    ...roster,
    inputs: grow(roster.inputs),
    outputs: grow(roster.outputs),
    dependencies: [
      ...(roster.dependencies ?? []),
      ...hosts.map(({ name }) => membership.replace(/::[^:]*$/, `::${name}`)),
    ],
  };
}
