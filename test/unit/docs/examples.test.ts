// Every config that the documents show is one that the program takes, before and after the change that it shows.
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { config, hostKey, problemsOf, surroundings } from "../settings/declared.ts";
import { codeBlocks, sidesOf } from "./markdown.ts";

const root = new URL("../../../", import.meta.url);
const documents = ["README.md", ...readdirSync(new URL("docs/", root)).map((name) => `docs/${name}`)];
const elidedKey = /ssh-ed25519 AAAA…/g;

const examples = documents.flatMap((document) =>
  codeBlocks(readFileSync(new URL(document, root), "utf8"))
    .filter(({ language }) => language === "yaml" || language === "diff")
    .flatMap(sidesOf)
    .map((text) => ({ document, text: text.replace(elidedKey, hostKey) })),
);

/** Completes what an example leaves out: it is a whole file, some of its keys, a pool's fields, or its hosts. */
function complete(example: unknown) {
  if (Array.isArray(example)) return config({ pools: [{ name: "workers", hosts: example }] });
  const { config: file = example } = example as { readonly config?: unknown };
  const keys = Object.entries(file as object).map(([key, value]) => [key.replace("nodepools:", ""), value]);
  if (Object.keys(file as object).some((key) => key.startsWith("nodepools:")))
    return config(Object.fromEntries(keys));
  return config({ pools: [{ name: "workers", hosts: [], ...Object.fromEntries(keys) }] });
}

/** Names every file that an example refers to; the known_hosts file knows every address. */
function filesFor(text: string): Record<string, string> {
  const addresses = [...text.matchAll(/address: ([^\s,}]+)/g)].map(([, address]) => `${address} ${hostKey}`);
  const key = `-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n`;
  const paths = [...text.matchAll(/privateKeyFile: ([^\s,}]+)/g)].map(([, path = ""]) => [path, key]);
  return {
    ...Object.fromEntries(paths),
    "admin.conf": "",
    "./admin.conf": "",
    "./known_hosts": addresses.join("\n"),
  };
}

it.each(examples)("$document shows a config that is taken: $text", ({ text }) => {
  const raw = complete(parse(text));
  const ssh = { knownHostsFile: "./known_hosts", ...(raw.ssh as object) };
  expect(problemsOf({ ...raw, ssh }, surroundings(filesFor(text), "/run/agent"))).toEqual([]);
});
