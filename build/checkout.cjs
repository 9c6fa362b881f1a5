// Loads the package in a checkout: a build of today's sources, made anew when they have changed since, or the sources
// themselves where the build tools are not installed (`npm ci --omit=dev`). What a build was made of is told by its
// content, not by its time. Plain JavaScript: it runs at every start, and reading TypeScript would cost more than it does.
"use strict";

const { spawnSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } = require("node:fs");
const { join } = require("node:path");
const { requireNode } = require("../entry/require-node.cjs");

const root = join(__dirname, "..");

/** The source of each part. */
exports.parts = {
  index: "components/index.ts",
  provider: "components/providers/implementation.ts",
  review: "components/review/main.ts",
  import: "components/import/main.ts",
};

/**
 * Loads a part of the package.
 * @param {"index" | "provider" | "review" | "import"} part
 */
exports.load = function load(part) {
  return exports.ensureBuild() ? require(builtFile(part)) : loadSources(part);
};

/** Makes the build one of today's sources, when it is not; returns false where the build tools are not installed. */
exports.ensureBuild = function ensureBuild() {
  const stamp = exports.stamp();
  if (Object.keys(exports.parts).every((part) => firstBytes(builtFile(part), stamp.length) === stamp))
    return true;
  if (!exports.canBuild()) return false;
  build();
  return true;
};

/** @param {string} part */
const builtFile = (part) => join(root, "dist", `${part}.js`);

/** Returns the first line of what is built of today's sources: it names everything that a build depends on. */
exports.stamp = function stamp() {
  const hash = createHash("sha256");
  const sources = ["components", "build"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name)),
  );
  // The lock file stands for the packages that go into the bundle.
  for (const path of [...sources.sort(), join(root, "package-lock.json")]) {
    const text = readFileSync(path);
    hash.update(`${path.slice(root.length)} ${text.length}\n`).update(text);
  }
  return `// Built of sources ${hash.digest("hex")}\n`;
};

/**
 * Returns the beginning of a file, which may be absent.
 * @param {string} file
 * @param {number} length
 */
function firstBytes(file, length) {
  if (!existsSync(file)) return "";
  const [bytes, descriptor] = [Buffer.alloc(length), openSync(file, "r")];
  readSync(descriptor, bytes);
  closeSync(descriptor);
  return bytes.toString();
}

/** @param {"index" | "provider" | "review" | "import"} part */
function loadSources(part) {
  requireNode(
    "the sources of nodepools, which are run for want of the build tools, need",
    "24.0",
    "Install the build tools with npm ci, or put a newer Node first on PATH.",
  );
  return require(join(root, exports.parts[part]));
}

/** Tells whether the build tools are installed. */
exports.canBuild = function canBuild() {
  try {
    return require.resolve("esbuild") !== "";
  } catch {
    return false;
  }
};

function build() {
  const { status, stderr } = spawnSync(process.execPath, [join(__dirname, "build.cjs"), "--code"], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`building nodepools of changed sources: ${stderr}`);
  console.error("nodepools: the sources had changed, dist/ was built anew");
}
