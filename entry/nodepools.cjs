#!/usr/bin/env node
// What the command `nodepools` runs.
"use strict";

const { load } = require("./load.cjs");

async function run() {
  try {
    const [verb, ...others] = process.argv.slice(2);
    const isImport = verb === "import";
    process.exitCode = isImport
      ? await load("import").main(others)
      : await load("review").main(process.argv.slice(2));
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

void run();
