// Loaded first by the programs and providers of most tests (`--require`): leaves out what Pulumi's SDK does at every start
// and our programs do not need: two fifths of what loading it costs, and a tenth of a program's processor time.
// lab/pool-life, provider/access and package tests start as users do.
"use strict";

const Module = require("node:module");
const { dirname } = require("node:path");

const paths = [dirname(require.resolve("@pulumi/pulumi"))];

/**
 * Takes the place of a module that was not loaded yet.
 * @param {string} name
 * @param {object} exports
 */
function replace(name, exports) {
  const path = require.resolve(name, { paths });
  const module = new Module(path);
  module.exports = exports;
  module.loaded = true;
  require.cache[path] = module;
}

// The TypeScript compiler serialises functions, of which ours has none: it is loaded when it is used.
/** @type {() => Record<string | symbol, unknown>} */
const load = () => require("typescript");
const compiler = new Proxy({}, { get: (_, name) => load()[name], has: (_, name) => name in load() });
replace("@pulumi/pulumi/typescript-shim.js", compiler);

// Stack traces of the SDK's own code, which it takes all the time and nobody reads, are not mapped to its sources.
replace("source-map-support/register", {});
