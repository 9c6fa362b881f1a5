// The real Pulumi CLI with the language host and the command plugin that the lab gives it.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type PulumiCli, preparePulumi } from "../support/pulumi-cli.ts";
import { type Sshd, startSshd } from "../support/sshd.ts";

let site: Sshd;
let cli: PulumiCli;
let pulumi: PulumiCli["run"];
let withToken: string;

const configFile = () => join(cli.program, "Pulumi.dev.yaml");

/** Gives the program these values beside the secret token: by hand, since each run of the CLI takes time. */
function configure(values: Readonly<Record<string, string>> = {}): void {
  const lines = Object.entries(values).map(([key, value]) => `  trial:${key}: ${JSON.stringify(value)}\n`);
  writeFileSync(configFile(), withToken.replace("config:\n", `config:\n${lines.join("")}`));
}

beforeAll(async () => {
  site = await startSshd();
  cli = await preparePulumi("trial", programFiles(), { LAB_PRIVATE_KEY: site.credentials.privateKey });
  pulumi = cli.run;
  await pulumi("stack", "init", "dev");
  await pulumi("config", "set", "--secret", "token", "very-secret-token");
  withToken = readFileSync(configFile(), "utf8");
}, 900_000);

afterAll(async () => {
  await site[Symbol.asyncDispose]();
  cli.remove();
});

function programFiles(): Record<string, string> {
  return {
    "package.json": '{ "name": "trial", "type": "module", "main": "index.ts" }\n',
    "index.ts": `import { remote } from "@pulumi/command";
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
  port: ${site.host.port},
  privateKey: process.env.LAB_PRIVATE_KEY ?? "",
  hostKey: ${JSON.stringify(site.host.hostKey)},
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
  };
}

it("creates, finds nothing to change, replaces by trigger and deletes, without a secret in the state", async () => {
  configure();
  const created = await pulumi("up", "--yes");
  expect(created).toContain("title trial-program in organization/trial");
  expect(created).toContain('secret settings ["trial:token"]');
  expect(created).toMatch(/dry run true.*dry run false/s);
  expect(created).not.toContain("warning");
  expect(await pulumi("stack", "output", "stdout")).toBe("17\ncreated\n");

  const state = await pulumi("stack", "export");
  expect(state).not.toContain(site.credentials.privateKey.split("\n")[1]);
  expect(state).not.toContain("very-secret-token");
  const command = JSON.parse(state).deployment.resources.find(
    ({ type }: { type: string }) => type === "command:remote:Command",
  );
  for (const bag of [command.inputs, command.outputs]) {
    expect(Object.keys(bag.connection)).toContain("ciphertext");
    expect(Object.keys(bag.stdin)).toContain("ciphertext");
  }

  expect(await pulumi("preview", "--refresh", "--expect-no-changes")).toContain("unchanged");
  configure({ trigger: "2" });
  expect(await pulumi("preview", "--diff")).toMatch(/\+-command:remote:Command: \(replace\)/);

  await pulumi("destroy", "--yes", "--run-program");
  expect(readFileSync(join(site.folder, "deleted"), "utf8")).toBe("deleted\n");
}, 360_000);

it("tells how a program ended", async () => {
  configure({ leave: "3" });
  await expect(pulumi("preview")).rejects.toMatchObject({
    stdout: expect.stringContaining("Program exited with non-zero exit code: 3"),
  });
  configure({ signal: "SIGKILL" });
  await expect(pulumi("preview")).rejects.toMatchObject({
    stdout: expect.stringContaining("Program was ended by signal SIGKILL"),
  });
  configure({ throw: "yes" });
  const thrown = await pulumi("preview").catch((error: { stdout: string }) => error.stdout);
  expect(thrown).toContain("Error: thrown by the program");
  expect(thrown).not.toContain("exited with");
}, 180_000);
