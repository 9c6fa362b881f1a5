// For `node --require`, before Pulumi's SDK is loaded: leaves the TypeScript compiler on the disk until something asks for
// it. The SDK loads it in every program and every provider: all of its files but one wait until they serialise a function
// (runtime/closure/parseFunction.js does not), and this package has none to serialise.
"use strict";

const Module = require("node:module");

/**
 * Takes the place of a module until something asks for what it exports.
 * @param {string} path
 */
function loadWhenUsed(path) {
  const stand = new Module(path);
  /** @type {Record<string | symbol, unknown> | undefined} */
  let real;
  const load = () => {
    if (real === undefined) {
      delete require.cache[path];
      real = require(path);
    }
    return /** @type {Record<string | symbol, unknown>} */ (real);
  };
  stand.exports = new Proxy({}, { get: (_, name) => load()[name], has: (_, name) => name in load() });
  stand.loaded = true;
  require.cache[path] = stand;
}

/** Finds the SDK's file, which is none of its interface; in a process without the SDK there is nothing to do. */
function findCompiler() {
  try {
    return require.resolve("@pulumi/pulumi/typescript-shim.js");
  } catch {
    return undefined;
  }
}

const compiler = findCompiler();
if (compiler !== undefined) loadWhenUsed(compiler);
