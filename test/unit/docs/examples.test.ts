// Every config that the documents show is one that the program takes, before and after the change that it shows.
import { generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { configSchema } from "../../../build/config-schema.cjs";
import { type RawSettings, withInventory } from "../../../components/settings/parse-settings.ts";
import { config, environment, hostKey, problemsOf } from "../settings/declared.ts";
import { codeBlocks, sidesOf } from "./markdown.ts";

const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(JSON.parse(configSchema()));
const root = new URL("../../../", import.meta.url);
const names = readdirSync(new URL("docs/", root)).filter((name) => name.endsWith(".md"));
const documents = ["README.md", ...names.map((name) => `docs/${name}`)];
const elidedKey = /ssh-ed25519 AAAA…/g;

const examples = documents.flatMap((document) =>
  codeBlocks(readFileSync(new URL(document, root), "utf8"))
    .filter(({ language }) => language === "yaml" || language === "diff")
    .flatMap((block) => sidesOf(block).map((text) => ({ place: `${document}:${block.line}`, text }))),
);

/** Completes an example: it is a whole file, some of its keys, or some of a pool's fields. */
function complete(example: { readonly config?: object }): RawSettings {
  const keys = Object.entries(example.config ?? example);
  const isFile = keys.some(([key]) => key.startsWith("nodepools:"));
  const raw = isFile
    ? config(Object.fromEntries(keys.map(([key, value]) => [key.replace("nodepools:", ""), value])))
    : config({ pools: [{ name: "workers", hosts: [], ...example }] });
  // The example's hosts mostly leave their keys to the known_hosts file.
  return { ...raw, ssh: { ...(raw.ssh as object), knownHostsFile: "known_hosts" } };
}

const inventory = `name,address,hostKey\nw1,192.0.2.1,${hostKey}\n`;

/** Holds every file that an example names, and a known_hosts file with all its addresses. */
function filesFor(text: string): Record<string, string> {
  const named = (field: string) =>
    [...text.matchAll(new RegExp(`${field}: ([^\\s,}]+)`, "g"))].map(([, value = ""]) => value);
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const key = privateKey.export({ type: "sec1", format: "pem" }).toString();
  return {
    known_hosts: named("address")
      .map((address) => `${address} ${hostKey}`)
      .join("\n"),
    ...Object.fromEntries(["admin.conf", ...named("kubeconfig")].map((path) => [path, ""])),
    ...Object.fromEntries(named("privateKeyFile").map((path) => [path, key])),
    ...Object.fromEntries(named("hostsFile").map((path) => [path, inventory])),
    ...Object.fromEntries(named("files").map((folder) => [`${folder}/packages/kubelet.deb`, ""])),
  };
}

it.each(examples)("shows at $place what the program takes", ({ text }) => {
  const around = environment(filesFor(text));
  const raw = withInventory(complete(parse(text.replace(elidedKey, hostKey))), around.readFile);
  expect(problemsOf(raw, around)).toEqual([]);
});

it.each(examples)("shows at $place what editors take that check with the JSON schema", ({ text }) => {
  const { cluster, ssh, pools } = complete(parse(text.replace(elidedKey, hostKey)));
  validate({ config: { "nodepools:cluster": cluster, "nodepools:ssh": ssh, "nodepools:pools": pools } });
  expect(validate.errors).toBeNull();
});

it("looks at the examples of every document that has some", () => {
  const seen = new Set(examples.map(({ place }) => place.split(":")[0]));
  expect([...seen].sort()).toEqual([
    "README.md",
    "docs/configuration.md",
    "docs/drain.md",
    "docs/hooks.md",
    "docs/runbook.md",
    "docs/runbook.zh.md",
  ]);
});
