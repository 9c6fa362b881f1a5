// An Ansible inventory as an INI file: `[group]` with a host and its variables a line, `[group:vars]`, `[group:children]`.
// Pure.
import { oneLine } from "../model/foreign-text.ts";
import { type AnsibleInventory, expandHosts } from "./ansible-inventory.ts";
import { ImportError } from "./import-error.ts";

/** Reads a text into an inventory; throws ImportError with the line that is none. */
export function readIni(text: string, inventory: AnsibleInventory): void {
  let [group, kind] = ["ungrouped", "hosts"];
  for (const [at, raw] of text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const [head, name, word = "hosts"] = /^\[([^\]:\s]+)(?::(\w+))?\]\s*(?:[#;].*)?$/.exec(line) ?? [];
    if (head !== undefined && name !== undefined) {
      [group, kind] = [name, word];
      inventory.group(group);
    } else readLine(inventory, group, kind, line, at + 1);
  }
}

function readLine(inventory: AnsibleInventory, name: string, kind: string, line: string, at: number): void {
  const fault = (why: string) =>
    new ImportError(`reading the inventory: line ${at} ${why}. Give one as kubespray has it.`);
  switch (kind) {
    case "children":
      inventory.group(name).children.add(line.split(/\s/)[0] ?? "");
      inventory.group(line.split(/\s/)[0] ?? "");
      return;
    case "vars": {
      const [, key, value] = /^([\w.-]+)\s*=\s*(.*)$/.exec(line) ?? [];
      if (key === undefined || value === undefined) throw fault("is no variable");
      const group = inventory.group(name);
      group.vars = { ...group.vars, [key]: readValue(value) };
      return;
    }
    case "hosts": {
      const [pattern = "", ...pairs] = splitWords(line);
      const vars = pairs.map((pair) => /^([\w.-]+)=([\s\S]*)$/.exec(pair) ?? []);
      if (vars.some(([whole]) => whole === undefined)) throw fault("has words that are no variables");
      const [, host = pattern, port] = /^(.*[^:]):(\d+)$/.exec(pattern) ?? [];
      const own = Object.fromEntries(vars.map(([, key = "", value = ""]) => [key, readValue(value)]));
      const given = { ...(port !== undefined && { ansible_port: Number(port) }), ...own };
      inventory.addHosts(name, expandHosts(host), given);
      return;
    }
    default:
      throw fault(`is in a section of kind ${oneLine(kind, 40)}`);
  }
}

/** Splits as a shell does, without its expansions; what follows ` #` is a comment. */
function splitWords(line: string): string[] {
  const words = line.matchAll(/(?:^|\s)#.*$|((?:[^\s"']|"(?:[^"\\]|\\.)*"|'[^']*')+)/g);
  return [...words].flatMap(([, word]) => {
    if (word === undefined) return [];
    return [
      word.replaceAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_, double?: string, single?: string) =>
        double === undefined ? (single ?? "") : double.replaceAll(/\\(["\\])/g, "$1"),
      ),
    ];
  });
}

/** Ansible reads Python's literals; maps and lists of texts are what is needed of them. */
function readValue(text: string): unknown {
  const value = text.trim();
  if (/^\d+$/.test(value)) return Number(value);
  if (/^(["']).*\1$/.test(value)) return value.slice(1, -1);
  if (!/^[[{]/.test(value)) return value;
  for (const json of [value, value.replaceAll("'", '"')]) {
    try {
      return JSON.parse(json);
    } catch {
      // The next form, or text.
    }
  }
  return value;
}
