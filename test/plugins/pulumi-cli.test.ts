// The real Pulumi CLI with the language host and the command plugin that the lab gives it.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makePulumiHome } from "../../lab/pulumi-plugins/pulumi-home.ts";
import { ensureTools } from "../../lab/toolchain/ensure-tools.ts";
import { prepareSshSite, type SshSite } from "./sshd.ts";

const run = promisify(execFile);
const projectRoot = join(import.meta.dirname, "../..");

let site: SshSite;
let stopSshd: () => Promise<void>;
let folder: string;
let pulumi: (...args: string[]) => Promise<string>;

beforeAll(async () => {
  const tools = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-command"] as const;
  const paths = await ensureTools(tools, () => {});
  site = await prepareSshSite();
  stopSshd = await site.start();
  folder = mkdtempSync(join(tmpdir(), "nodepools-cli-"));
  const home = join(folder, "home");
  const cli = await makePulumiHome(home, paths);
  const program = writeProgram(folder);
  const { SSH_AUTH_SOCK: _, ...outer } = process.env;
  const env = {
    ...outer,
    PATH: `${join(projectRoot, "node_modules/.bin")}:${outer.PATH}`,
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${folder}/state`,
    PULUMI_CONFIG_PASSPHRASE: "trial",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    LAB_PRIVATE_KEY: site.privateKey,
  };
  pulumi = async (...args) => {
    const { stdout, stderr } = await run(cli, [...args, "--non-interactive"], { cwd: program, env });
    return stdout + stderr;
  };
  await pulumi("stack", "init", "dev");
}, 900_000);

afterAll(async () => {
  await stopSshd();
  site.remove();
  rmSync(folder, { recursive: true, force: true });
});

function writeProgram(parent: string): string {
  const program = join(parent, "program");
  mkdirSync(program);
  mkdirSync(join(parent, "state"));
  symlinkSync(join(projectRoot, "node_modules"), join(program, "node_modules"));
  writeFileSync(
    join(program, "Pulumi.yaml"),
    "name: trial\nruntime: { name: nodejs, options: { typescript: false, nodeargs: --title=trial-program } }\n",
  );
  writeFileSync(join(program, "package.json"), '{ "name": "trial", "type": "module", "main": "index.ts" }\n');
  writeFileSync(
    join(program, "index.ts"),
    `import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
const config = new pulumi.Config();
if (config.get("leave")) process.exit(config.requireNumber("leave"));
if (config.get("signal")) process.kill(process.pid, config.require("signal"));
if (config.get("throw")) throw new Error("thrown by the program");
console.log(\`title \${process.title} in \${pulumi.getOrganization()}/\${pulumi.getProject()}\`);
console.log(\`secret settings \${process.env.PULUMI_CONFIG_SECRET_KEYS}\`);
console.log(\`dry run \${pulumi.runtime.isDryRun()}\`);
new pulumi.dynamic.Resource({ create: async () => ({ id: "made", outs: {} }) }, "made-by-node", {});
const connection = {
  host: "127.0.0.1",
  port: ${site.port},
  privateKey: process.env.LAB_PRIVATE_KEY ?? "",
  hostKey: ${JSON.stringify(site.hostKey)},
  dialErrorLimit: 0,
};
const { stdout } = new remote.Command("join", {
  connection,
  create: "wc -c; echo created",
  update: "echo updated",
  delete: "echo deleted > ${site.folder}/deleted",
  stdin: config.requireSecret("token"),
  triggers: [config.get("trigger") ?? "1"],
  addPreviousOutputInEnv: false,
});
export { stdout };
`,
  );
  return program;
}

it("creates, previews nothing, replaces by trigger and deletes, without a secret in the state", async () => {
  await pulumi("config", "set", "--secret", "token", "very-secret-token");
  const created = await pulumi("up", "--yes");
  expect(created).toContain("title trial-program in organization/trial");
  expect(created).toContain('secret settings ["trial:token"]');
  expect(created).toMatch(/dry run true.*dry run false/s);
  expect(created).not.toContain("warning");
  expect(await pulumi("stack", "output", "stdout")).toBe("17\ncreated\n");

  const state = await pulumi("stack", "export");
  expect(state).not.toContain(site.privateKey.split("\n")[1]);
  expect(state).not.toContain("very-secret-token");
  const command = JSON.parse(state).deployment.resources.find(
    ({ type }: { type: string }) => type === "command:remote:Command",
  );
  for (const bag of [command.inputs, command.outputs]) {
    expect(Object.keys(bag.connection)).toContain("ciphertext");
    expect(Object.keys(bag.stdin)).toContain("ciphertext");
  }

  expect(await pulumi("preview", "--expect-no-changes")).toContain("unchanged");
  expect(await pulumi("refresh", "--yes", "--expect-no-changes")).toContain("unchanged");
  await pulumi("config", "set", "trigger", "2");
  expect(await pulumi("preview", "--diff")).toMatch(/\+-command:remote:Command: \(replace\)/);

  await pulumi("destroy", "--yes", "--run-program");
  expect(readFileSync(join(site.folder, "deleted"), "utf8")).toBe("deleted\n");
}, 120_000);

it("tells how a program ended", async () => {
  await pulumi("config", "set", "--secret", "token", "t");
  await pulumi("config", "set", "leave", "3");
  await expect(pulumi("preview")).rejects.toMatchObject({
    stdout: expect.stringContaining("Program exited with non-zero exit code: 3"),
  });
  await pulumi("config", "rm", "leave");
  await pulumi("config", "set", "signal", "SIGKILL");
  await expect(pulumi("preview")).rejects.toMatchObject({
    stdout: expect.stringContaining("Program was ended by signal SIGKILL"),
  });
  await pulumi("config", "rm", "signal");
  await pulumi("config", "set", "throw", "yes");
  const thrown = await pulumi("preview").catch((error: { stdout: string }) => error.stdout);
  expect(thrown).toContain("Error: thrown by the program");
  expect(thrown).not.toContain("exited with");
}, 60_000);
