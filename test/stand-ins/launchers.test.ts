// The launchers of the lab's plugins when the machine's Node does not suit them.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";

const plugins = join(import.meta.dirname, "../../lab/stand-ins");
const remedy = "Put node_modules/.bin of this project first on PATH.";

/** Starts a launcher with a `node` on PATH that tells `version`; returns what it says. */
async function startWithNode(version: string, launcher: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-node-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(
    join(folder, "node"),
    `#!/bin/sh\n[ "$1" = --version ] && echo ${version} || echo "ran $@"\n`,
    {
      mode: 0o755,
    },
  );
  const env = { PATH: `${folder}:/usr/bin:/bin` };
  const result = await promisify(execFile)(join(plugins, launcher), ["127.0.0.1:1"], { env }).catch(
    (error) => error,
  );
  return result.stdout + result.stderr;
}

it.each([
  ["pulumi-language-nodejs", "language-host.ts"],
  ["pulumi-resource-command", "command/main.ts"],
  ["pulumi-resource-kubernetes", "kubernetes/main.ts"],
])("%s refuses a Node that cannot run TypeScript", async (launcher, file) => {
  for (const version of ["v20.20.2", "v22.18.0"]) {
    expect(await startWithNode(version, launcher)).toBe(
      `starting "${join(plugins, file)}": node on PATH is ${version}, 22.19 or newer is needed. ${remedy}\n`,
    );
  }
});

it.each(["v22.19.0", "v24.0.1"])("the launchers start with Node %s", async (version) => {
  expect(await startWithNode(version, "pulumi-resource-command")).toBe(
    `ran ${join(plugins, "command/main.ts")} 127.0.0.1:1\n`,
  );
});

it("says that there is no Node", async () => {
  const start = promisify(execFile)(join(plugins, "with-recent-node.sh"), ["x.ts"], {
    env: { PATH: "/nowhere" },
  });
  await expect(start).rejects.toMatchObject({
    stderr: `starting "x.ts": no "node" on PATH. ${remedy}\n`,
  });
});

it.each(["pulumi-language-nodejs", "pulumi-resource-command", "pulumi-resource-kubernetes"])(
  "%s tells its port, and ends with an engine that was killed",
  async (launcher) => {
    const plugin = spawn(join(plugins, launcher), ["127.0.0.1:1"], { stdio: ["pipe", "pipe", "inherit"] });
    onTestFinished(() => {
      plugin.kill("SIGKILL");
    });
    const [port] = await once(plugin.stdout, "data");
    expect(String(port)).toMatch(/^\d+\n$/);
    const ended = once(plugin, "exit");
    plugin.stdin.end();
    expect(await ended).toEqual([0, null]);
  },
  20_000,
);
