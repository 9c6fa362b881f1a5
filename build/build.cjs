// Builds dist/: the bundles, the host scripts beside them; and, unless --code asks for code alone, the declarations and
// the JSON schemas of the config and of inventory files.
// The bundles hold the packages that take long to read file by file, above all @kubernetes/client-node. Left out are
// those that a program must have once (@pulumi/*), and ssh2 with its native parts.
"use strict";

const { execFileSync } = require("node:child_process");
const { cpSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require("node:fs");
const { basename, join } = require("node:path");
const esbuild = require("esbuild");
const { schemas } = require("./config-schema.cjs");
const { parts, stamp } = require("./checkout.cjs");
const { engines } = require("../package.json");

const root = join(__dirname, "..");
const dist = join(root, "dist");

// Read before the sources are: a change during the build makes the build one of former sources.
const banner = `${stamp()}const importMetaUrl = require("node:url").pathToFileURL(__filename).href;`;

/** Builds the bundles; returns the files, relative to the top, that went into them. */
function buildCode() {
  const { outputFiles, metafile } = esbuild.buildSync({
    absWorkingDir: root,
    entryPoints: parts,
    outdir: dist,
    bundle: true,
    platform: "node",
    // The form that both kinds of program can load, and Node the fastest.
    format: "cjs",
    target: `node${engines.node.replace(">=", "")}`,
    external: ["@pulumi/*", "ssh2"],
    // Half as much to read at each start; names stay, and lines, for the traces of bugs.
    minifyWhitespace: true,
    lineLimit: 160,
    define: { "import.meta.url": "importMetaUrl" },
    banner: { js: banner },
    logLevel: "warning",
    metafile: true,
    write: false,
  });
  mkdirSync(dist, { recursive: true });
  cpSync(join(root, "components/kubeadm/scripts"), join(dist, "scripts"), { recursive: true });
  writeWhole("package.json", '{ "type": "commonjs" }\n');
  for (const { path, text } of outputFiles) writeWhole(basename(path), text);
  return Object.keys(metafile.inputs);
}

/**
 * Writes the licences of the packages in the bundles beside them, as they ask for.
 * @param {readonly string[]} inputs
 */
function writeLicences(inputs) {
  const folders = inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []);
  const texts = [...new Set(folders)].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const [file] = globSync(join(root, folder, "{LICENSE,LICENCE,license,licence}*"));
    return `${name} ${version} (${license})\n\n${file ? readFileSync(file, "utf8") : ""}`;
  });
  writeWhole("third-party-licences.txt", texts.join(`\n${"-".repeat(80)}\n`));
}

/**
 * Writes a file in one step: other processes may be loading it, or building as well.
 * @param {string} name
 * @param {string} text
 */
function writeWhole(name, text) {
  const half = join(dist, `.${process.pid}-${name}`);
  writeFileSync(half, text);
  renameSync(half, join(dist, name));
}

function buildDeclarations() {
  rmSync(join(dist, "types"), { recursive: true, force: true });
  const compiler = require.resolve("typescript/bin/tsc");
  execFileSync(process.execPath, [compiler, "--project", join(__dirname, "tsconfig.json")], {
    stdio: "inherit",
  });
  // The compiler leaves `.ts` in declarations, which not every version and setting of a program's compiler takes.
  for (const file of globSync(join(dist, "types/**/*.d.ts"))) {
    writeFileSync(file, readFileSync(file, "utf8").replaceAll(/(["'])(\.{1,2}\/[^"']*)\.ts\1/g, "$1$2.js$1"));
  }
}

const inputs = buildCode();
if (!process.argv.includes("--code")) {
  writeLicences(inputs);
  for (const [name, text] of Object.entries(schemas())) writeWhole(`${name}.schema.json`, text);
  buildDeclarations();
}
