// Loaded first by the programs and providers of most tests (`--require`): Pulumi's SDK loads the TypeScript compiler at
// every start, to serialise functions, of which ours has none. That is a third of what loading it costs.
// Here the compiler is loaded when it is used. lab/pool-life, access and package tests start as users do.
"use strict";

const Module = require("node:module");

const shim = require.resolve("@pulumi/pulumi/typescript-shim.js");
const compiler = new Module(shim);
/** @type {() => Record<string | symbol, unknown>} */
const load = () => require("typescript");
compiler.exports = new Proxy({}, { get: (_, name) => load()[name], has: (_, name) => name in load() });
compiler.loaded = true;
require.cache[shim] = compiler;
