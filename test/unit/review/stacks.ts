// Small stack files for reviews, and what a review says of the change from one to the other.
import { compareSides } from "../../../components/review/compare.ts";
import { parseSide, type Side } from "../../../components/review/declared.ts";
import type { StackReview } from "../../../components/review/review.ts";
import { parseStackFile } from "../../../components/review/stack-file.ts";
import { hostKey } from "../settings/declared.ts";

/** Returns a host's line in a list of hosts. */
export function hostLine(name: string, more = ""): string {
  const at = /\d+$/.exec(name)?.[0] ?? "250";
  return `        - { name: ${name}, address: 192.0.2.${at}, hostKey: ${hostKey}${more && `, ${more}`} }\n`;
}

/** Returns a pool; the settings are lines of it. */
export function poolText(name: string, hosts: readonly string[], settings: readonly string[] = []): string {
  const lines = settings.map((setting) => `      ${setting}\n`).join("");
  const list = hosts.map((host) => (host.startsWith(" ") ? host : hostLine(host))).join("");
  return `    - name: ${name}\n${lines}      hosts:${list === "" ? " []\n" : `\n${list}`}`;
}

/** Returns the text of a stack's config file. */
export function stackText(...pools: readonly string[]): string {
  return `config:
  nodepools:cluster: { kubeconfig: ./admin.conf }
  nodepools:ssh: { privateKeyFile: ./id_ed25519 }
  nodepools:pools:
${pools.join("")}`;
}

/** Reads one side; the project has no other file. */
export function sideOf(text: string | undefined): Side {
  if (text === undefined) return { kind: "absent" };
  const nowhere = { find: () => undefined, inventory: () => ({ fault: "is not in the repository" }) };
  return parseSide(parseStackFile(text, { defaults: {} }), nowhere);
}

/** Reviews the change of stack `dev` from one text to another. */
export function reviewOf(before: string | undefined, after: string | undefined): StackReview {
  return compareSides("dev", sideOf(before), sideOf(after));
}

/** Lists the concerns as `kind: text`. */
export function concernsOf({ concerns }: StackReview): string[] {
  return concerns.map(({ kind, text }) => `${kind}: ${text}`);
}
