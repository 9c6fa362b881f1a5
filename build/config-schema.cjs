// Makes the JSON schema of the stack config, which editors complete and check with.
"use strict";

const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const esbuild = require("esbuild");

const components = join(__dirname, "../components");

/**
 * Returns the texts of the schemas, made of today's sources: of the config, of a file of hosts and of a file of pools.
 */
exports.schemas = function schemas() {
  const { configJsonSchema, describingFiles, inventoryJsonSchemas, readDocstrings } =
    loadSource("settings/json-schema.ts");
  const sources = describingFiles.map((/** @type {string} */ name) =>
    readFileSync(join(components, name), "utf8"),
  );
  const docstrings = readDocstrings(sources.join("\n"));
  const { hosts, pools } = inventoryJsonSchemas(docstrings);
  return { config: text(configJsonSchema(docstrings)), hosts: text(hosts), pools: text(pools) };
};

/** @param {object} schema */
function text(schema) {
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

/** Returns the text of the schema of the config. */
exports.configSchema = () => exports.schemas().config;

/**
 * Loads a source with what it imports; not every Node that builds reads TypeScript.
 * @param {string} path
 */
function loadSource(path) {
  const { outputFiles } = esbuild.buildSync({
    entryPoints: [join(components, path)],
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["@pulumi/*"],
    write: false,
    outdir: "unused",
  });
  const loaded = { exports: /** @type {any} */ ({}) };
  new Function("module", "exports", "require", outputFiles[0]?.text ?? "")(loaded, loaded.exports, require);
  return loaded.exports;
}
