// What `--require entry/lean-start.cjs` leaves out of a process, and gives it when it is asked for.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";

const root = join(import.meta.dirname, "../..");
const starter = join(root, "entry/lean-start.cjs");

/** Serialises a function, as programs with dynamic providers of their own have the SDK do; says when there was a compiler. */
const program = `
const { runtime } = require("@pulumi/pulumi");
const compiles = () => Object.keys(require.cache).some((path) => /typescript\\.js$/.test(path));
const before = compiles();
runtime.serializeFunction(() => 2 * 21).then(({ text }) => console.log(JSON.stringify([before, compiles(), text])));
`;

function run(...options: readonly string[]): [boolean, boolean, string] {
  return JSON.parse(
    execFileSync(process.execPath, [...options, "-e", program], { cwd: root, encoding: "utf8" }),
  );
}

it("has the SDK load the TypeScript compiler where it is used, and changes nothing of what it does", () => {
  const [before, after, text] = run("--require", starter);
  const usual = run();
  expect([before, after]).toEqual([false, true]);
  // Once the SDK does so by itself, the file can go.
  expect(usual).toEqual([true, true, text]);
});

it("does nothing in a process that has no SDK", () => {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-lean-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const copy = join(folder, "lean start.cjs");
  copyFileSync(starter, copy);
  const env = { ...process.env, NODE_OPTIONS: `--require "${copy}"` };
  expect(execFileSync(process.execPath, ["-p", "1 + 1"], { cwd: folder, env, encoding: "utf8" })).toBe("2\n");
});
