// Ends the program with one sentence when its Node is too old. In the oldest form of JavaScript, so that such a Node
// reads it that far.
"use strict";

/**
 * Throws when this Node is older than `needed`.
 * @param {string} what asks for it
 * @param {string} needed version, as major.minor
 * @param {string} remedy
 */
exports.requireNode = function requireNode(what, needed, remedy) {
  const found = process.versions.node;
  const [major = 0, minor = 0] = needed.split(".").map(Number);
  const [foundMajor = 0, foundMinor = 0] = found.split(".").map(Number);
  if (foundMajor > major || (foundMajor === major && foundMinor >= minor)) return;
  const { RunError } = require("@pulumi/pulumi");
  throw new RunError(
    `${what} Node ${needed} or newer, and this is Node ${found} (${process.execPath}). ${remedy}`,
  );
};
