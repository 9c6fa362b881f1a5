// Reads an Ansible inventory in either of its two forms. Pure.
import { isMap } from "../settings/raw-config.ts";
import { readYaml } from "../settings/yaml-text.ts";
import { readIni } from "./ansible-ini.ts";
import { AnsibleInventory, expandHosts } from "./ansible-inventory.ts";
import { ImportError } from "./import-error.ts";

/** Reads the text of an inventory; throws ImportError when it is none. */
export function readAnsibleInventory(file: string, text: string): AnsibleInventory {
  const inventory = new AnsibleInventory();
  const isYaml = /\.(ya?ml|json)$/i.test(file) || /^(---|all:)/m.test(text);
  if (!isYaml) {
    readIni(text, inventory);
    return inventory;
  }
  const { value, fault } = readYaml(text) as { readonly value?: unknown; readonly fault?: string };
  if (fault !== undefined) throw new ImportError(`reading the inventory "${file}": ${fault}.`);
  if (!isMap(value))
    throw new ImportError(
      `reading the inventory "${file}": it holds no groups. Give one as kubespray has it.`,
    );
  for (const [name, group] of Object.entries(value)) readGroup(inventory, name, group);
  return inventory;
}

const deepest = 50;

function readGroup(inventory: AnsibleInventory, name: string, given: unknown, depth = 0): void {
  const group = inventory.group(name);
  if (!isMap(given) || depth > deepest) return;
  if (isMap(given.vars)) group.vars = { ...group.vars, ...given.vars };
  for (const [pattern, vars] of isMap(given.hosts) ? Object.entries(given.hosts) : [])
    inventory.addHosts(name, expandHosts(pattern), isMap(vars) ? vars : {});
  for (const [child, below] of isMap(given.children) ? Object.entries(given.children) : []) {
    group.children.add(child);
    readGroup(inventory, child, below, depth + 1);
  }
}
