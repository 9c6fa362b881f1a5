// What no shell text for hosts may have: shellcheck's findings, and words that the shell splits.
import { spawnSync } from "node:child_process";

// By name: of the optional checks the others are matters of taste.
const checks = ["avoid-nullary-conditions", "deprecate-which", "quote-safe-variables"];

/** Lists the faults; shellcheck itself lets a `for` split what it walks. */
export function shellFaults(text: string): string[] {
  const options = ["--shell=sh", `--enable=${checks.join(",")}`, "--format=gcc", "-"];
  const { stdout, error } = spawnSync("shellcheck", options, { input: text, encoding: "utf8" });
  if (error) throw error;
  return [...stdout.split("\n"), ...text.split("\n").filter(splits)].filter((line) => line !== "");
}

function splits(line: string): boolean {
  const [, list] = /(?:^|[\s;{(])for \w+ in (.*?)(?:; do|$|\\$)/.exec(line) ?? [];
  return list !== undefined && /[$`]/.test(list.replaceAll(/"[^"]*"(?=\S*\*?)|'[^']*'/g, ""));
}
