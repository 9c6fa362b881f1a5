// Makes the JSON schema of the stack config, which editors complete and check with.
"use strict";

const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const esbuild = require("esbuild");

const components = join(__dirname, "../components");

/** Returns the text of the schema, made of today's sources. */
exports.configSchema = function configSchema() {
  const { configJsonSchema, describingFiles, readDocstrings } = loadSource("settings/json-schema.ts");
  const sources = describingFiles.map((/** @type {string} */ name) =>
    readFileSync(join(components, name), "utf8"),
  );
  return `${JSON.stringify(configJsonSchema(readDocstrings(sources.join("\n"))), undefined, 2)}\n`;
};

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
