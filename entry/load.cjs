// Loads a part of the package: the build in dist/, which in a checkout is made of today's sources first.
"use strict";

const { existsSync } = require("node:fs");
const { join } = require("node:path");
const { engines } = require("../package.json");
const { requireNode } = require("./require-node.cjs");

// No part of the package: the folder is there in a checkout only.
const checkout = join(__dirname, "../build/checkout.cjs");

/**
 * Returns what the part exports; throws when this Node is too old.
 * @param {"index" | "provider" | "review" | "import"} part
 */
exports.load = function load(part) {
  requireNode("nodepools needs", engines.node.replace(">=", ""), "Put a newer one first on PATH.");
  return existsSync(checkout) ? require(checkout).load(part) : require(`../dist/${part}.js`);
};
