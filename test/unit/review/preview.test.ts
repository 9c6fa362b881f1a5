// The command that previews, with a CLI that only plays one: a report each time, and nothing left behind.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { main } from "../../../components/review/main.ts";
import { rosterInputs } from "../../support/provider-inputs.ts";
import { poolText, stackText } from "./stacks.ts";

let folder: string;

/** Lays a CLI first on PATH that runs these commands of a shell; `$log` is the file of its event log. */
function playCli(commands: string): void {
  const script = `#!/bin/sh
printf '%s\\n' "$*" > '${folder}/argv'
printf '%s\\n' "$NODEPOOLS_FACTS" > '${folder}/facts'
while [ "$1" != --event-log ]; do shift; done
log=$2
${commands}
`;
  writeFileSync(join(folder, "pulumi"), script, { mode: 0o755 });
}

async function review(...more: readonly string[]) {
  const out = join(folder, "out");
  const status = await main(["review", "--cwd", folder, "--stack", "dev", "--out", out, ...more]);
  const [stack] = JSON.parse(readFileSync(join(out, "review.json"), "utf8")).stacks;
  return { status, stack, files: readdirSync(out).sort() };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nodepools-review-"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: pools\n");
  writeFileSync(join(folder, "Pulumi.dev.yaml"), stackText(poolText("workers", ["w1", "w2"])));
  vi.stubEnv("PATH", `${folder}${delimiter}${process.env.PATH}`);
  for (const method of ["log", "error"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const files = ["review.html", "review.json", "review.md"];
const step = {
  resourcePreEvent: {
    metadata: { type: "pulumi-nodejs:dynamic/nodepools:Roster", new: { inputs: rosterInputs(["w1", "w2"]) } },
  },
};

it("asks for facts and hands on further arguments", async () => {
  playCli(`echo '${JSON.stringify(step)}' > "$log"`);
  expect(await review("--", "--refresh")).toMatchObject({ status: 0, files });
  expect(readFileSync(join(folder, "argv"), "utf8")).toMatch(
    /^preview --stack dev --event-log \S+ --non-interactive --color never --refresh\n$/,
  );
  expect(readFileSync(join(folder, "facts"), "utf8")).toBe("json\n");
});

it("removes the event log, in which the state stands", async () => {
  playCli(`echo "$log" > '${folder}/place'; : > "$log"`);
  await review();
  expect(existsSync(readFileSync(join(folder, "place"), "utf8").trim())).toBe(false);
});

it("reports a preview that failed, with its last words and its own exit code", async () => {
  playCli("echo 'error: no stack named dev' >&2; exit 6");
  const { status, stack, files: written } = await review();
  expect([status, stack.verdict, written]).toEqual([6, "failed", files]);
  expect(stack.concerns[0].text).toContain("no stack named dev");
});

it("reports a preview that ends with a command which is told to end, and leaves no log behind", async () => {
  playCli(
    `trap 'echo cancelled >&2; exit 255' INT; echo "$log" > '${folder}/place'; for second in 1 2 3 4 5 6 7 8 9; do sleep 1 & wait $!; done`,
  );
  const ended = review();
  await vi.waitFor(() => expect(existsSync(join(folder, "place"))).toBe(true), { timeout: 10_000 });
  const listeners = () =>
    (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((name) => process.listenerCount(name));
  const before = listeners();
  process.emit("SIGTERM", "SIGTERM");
  const { status, stack, files: written } = await ended;
  expect([status, stack.verdict, written]).toEqual([255, "failed", files]);
  expect(stack.concerns[0].text).toContain("cancelled");
  expect(existsSync(dirname(readFileSync(join(folder, "place"), "utf8").trim()))).toBe(false);
  expect(listeners()).toEqual(before.map((count) => count - 1));
});

it("reports a preview that could not be run", async () => {
  vi.stubEnv("PATH", join(folder, "nowhere"));
  const { status, stack } = await review();
  expect([status, stack.verdict]).toEqual([1, "failed"]);
  expect(stack.concerns[0].text).toContain("ENOENT");
});

it("writes nothing for a project or a commit that is not there", async () => {
  playCli(`touch '${folder}/ran'`);
  const out = join(folder, "out");
  const ask = (...argv: readonly string[]) => main(["review", "--stack", "dev", "--out", out, ...argv]);
  expect(await ask("--cwd", join(folder, "nowhere"))).toBe(23);
  expect(await ask("--cwd", folder, "--base", "main")).toBe(23);
  expect([existsSync(out), existsSync(join(folder, "ran"))]).toEqual([false, false]);
});
