// An Ansible inventory, in either of its two forms, as groups, hosts and the variables that hold for each host. Nothing
// is evaluated: templates and vaults stay text. Pure.
// The forms: https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html
import { ImportError } from "./import-error.ts";

type Variables = Readonly<Record<string, unknown>>;

/** One group with what it names itself. */
export interface Group {
  readonly hosts: Set<string>;
  readonly children: Set<string>;
  vars: Variables;
}

/** Groups and hosts by name. */
export class AnsibleInventory {
  readonly groups = new Map<string, Group>();
  readonly #hosts = new Map<string, Variables>();
  // Asked once the inventory is complete.
  #members: ReadonlyMap<string, ReadonlySet<string>> | undefined;

  /** Returns the group of this name, made when it is not there. */
  group(name: string): Group {
    const group = this.groups.get(name) ?? { hosts: new Set(), children: new Set(), vars: {} };
    this.groups.set(name, group);
    return group;
  }

  /** Adds a host to a group; what is said of it twice, the later holds. */
  addHosts(group: string, names: readonly string[], vars: Variables): void {
    for (const name of names) {
      this.group(group).hosts.add(name);
      this.#hosts.set(name, { ...this.#hosts.get(name), ...vars });
    }
  }

  /** Lists the hosts of a group and of all groups below it, in order. */
  hostsOf(name: string, above: readonly string[] = []): string[] {
    const group = this.groups.get(name);
    if (group === undefined || above.includes(name)) return [];
    const below = [...group.children].flatMap((child) => this.hostsOf(child, [...above, name]));
    return [...new Set([...group.hosts, ...below])];
  }

  /** Returns what holds for a host: its own variables before its groups', and nearer groups before those above them. */
  varsOf(host: string): Variables {
    this.#members ??= new Map([...this.groups.keys()].map((name) => [name, new Set(this.hostsOf(name))]));
    const groups = [...this.#members].flatMap(([name, hosts]) => (hosts.has(host) ? [name] : []));
    const ranked = groups
      .map((name) => ({ name, depth: name === "all" ? -1 : this.#depthOf(name, []) }))
      .sort((one, other) => one.depth - other.depth || one.name.localeCompare(other.name));
    const ofGroups = ["all", ...ranked.map(({ name }) => name)].map((name) => this.groups.get(name)?.vars);
    return Object.assign({}, ...ofGroups, this.#hosts.get(host));
  }

  #depthOf(name: string, below: readonly string[]): number {
    const parents = [...this.groups].filter(
      ([of, { children }]) => children.has(name) && !below.includes(of),
    );
    return Math.max(0, ...parents.map(([of]) => this.#depthOf(of, [...below, name]) + 1));
  }
}

const most = 10_000;
const range = /\[(\d+|[a-z]):(\d+|[a-z])(?::(\d+))?\]/i;

/** Writes out the ranges of a name, such as `node[01:20]` or `rack-[a:c]`. */
export function expandHosts(pattern: string): string[] {
  const [whole, from = "", to = "", step = "1"] = range.exec(pattern) ?? [];
  if (whole === undefined) return [pattern];
  const isNumber = /^\d+$/.test(from) && /^\d+$/.test(to);
  const [first, last] = isNumber ? [Number(from), Number(to)] : [from.charCodeAt(0), to.charCodeAt(0)];
  const count = Math.floor((last - first) / Math.max(1, Number(step))) + 1;
  if (!(count > 0 && count <= most)) throw new ImportError(`the range ${JSON.stringify(pattern)} is none.`);
  return Array.from({ length: count }, (_, at) => {
    const value = first + at * Math.max(1, Number(step));
    const text = isNumber ? String(value).padStart(from.length, "0") : String.fromCharCode(value);
    return pattern.replace(whole, text);
  }).flatMap(expandHosts);
}
