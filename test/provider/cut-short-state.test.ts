// What docs/failures.md says of state in a folder: a kill can cut its .attrs file short, never the state itself.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { preparePulumi } from "../support/pulumi-cli.ts";

/** A stack in a state folder of the CLI's own. */
async function stackIn(parameters: string) {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-state-"));
  const cli = await preparePulumi("trial", {}, { PULUMI_BACKEND_URL: `file://${folder}${parameters}` });
  onTestFinished(() => {
    cli.remove();
    rmSync(folder, { recursive: true });
  });
  await cli.run("stack", "init", "killed");
  return { cli, state: join(folder, ".pulumi/stacks/trial") };
}

const exported = ["stack", "export", "--stack", "killed"];

it("a state whose .attrs file is empty is read again once that file is deleted", async () => {
  const { cli, state } = await stackIn("");
  const before = await cli.run(...exported);
  const attributes = join(state, "killed.json.attrs");
  writeFileSync(attributes, "");
  await expect(cli.run(...exported)).rejects.toThrow("failed to load checkpoint: EOF");
  rmSync(attributes);
  expect(await cli.run(...exported)).toBe(before);
});

it("a state folder with metadata=skip has no .attrs files", async () => {
  const { state } = await stackIn("?metadata=skip");
  expect(readdirSync(state).sort()).toEqual(["killed.json", "killed.json.bak"]);
});
