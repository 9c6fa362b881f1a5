// Loaded first by the programs and providers of most tests (`--require`): leaves out what Pulumi's SDK does at every start
// and our programs do not need; the compiler as README advises, and source maps.
// lab/pool-life, provider/access and package tests start as users do.
"use strict";

const Module = require("node:module");
const { dirname } = require("node:path");
require("../../entry/lean-start.cjs");

/**
 * Puts nothing in the place of a package of the SDK that was not loaded yet.
 * @param {string} name
 */
function leaveOut(name) {
  const path = require.resolve(name, { paths: [dirname(require.resolve("@pulumi/pulumi"))] });
  const nothing = new Module(path);
  nothing.loaded = true;
  require.cache[path] = nothing;
}

// Stack traces of the SDK's own code, which it takes all the time and nobody reads, are not mapped to its sources.
leaveOut("source-map-support/register");
