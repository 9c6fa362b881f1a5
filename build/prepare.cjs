// What npm runs after `npm ci` in a checkout, and before it packs the package or installs it from Git: the build. Without
// the build tools (`npm ci --omit=dev`) there is none, and the program runs the sources; a package is never without.
"use strict";

const { canBuild } = require("./checkout.cjs");

const packs = ["pack", "publish"].includes(process.env.npm_command ?? "");
if (packs || canBuild()) require("./build.cjs");
else console.error("nodepools: no build tools here, so the program runs its sources");
