// The real Pulumi CLI with a home, a state and a program folder of its own.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { makePulumiHome } from "../../lab/pulumi-home.ts";
import { ensureTools } from "../../lab/toolchain/ensure-tools.ts";
import { attachable } from "./attachable.ts";

/** The checkout that is tested. */
export const projectRoot = join(import.meta.dirname, "../..");

/** A CLI in a temporary folder. */
export interface PulumiCli {
  /** Folder of the program; has Pulumi.yaml and node_modules. */
  readonly program: string;
  /** Runs a command; resolves with both outputs, rejects as execFile does, with both outputs in the message. */
  run(...args: readonly string[]): Promise<string>;
  /** Removes the folder with everything in it. */
  remove(): void;
}

/**
 * Prepares the CLI for a program in `files`, by name, of a project that is called `project`; when `attached`, one language
 * host and one command plugin stay for all its runs.
 */
export async function preparePulumi(
  project: string,
  files: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
  { attached = false }: { readonly attached?: boolean } = {},
): Promise<PulumiCli> {
  const tools = await ensureTools(
    ["pulumi", "pulumi-language-nodejs", "pulumi-resource-command", "pulumi-resource-kubernetes"],
    () => {},
  );
  const folder = mkdtempSync(join(tmpdir(), "nodepools-cli-"));
  const home = join(folder, "home");
  const cli = await makePulumiHome(home, tools);
  const program = join(folder, "program");
  for (const path of [program, join(folder, "state")]) mkdirSync(path);
  symlinkSync(join(projectRoot, "node_modules"), join(program, "node_modules"));
  const runtime = "{ name: nodejs, options: { typescript: false, nodeargs: --title=trial-program } }";
  writeFileSync(join(program, "Pulumi.yaml"), `name: ${project}\nruntime: ${runtime}\n`);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(program, name), text);
  const { SSH_AUTH_SOCK: _, KUBECONFIG: __, ...outer } = process.env;
  const env = {
    ...outer,
    PATH: `${join(projectRoot, "node_modules/.bin")}:${outer.PATH}`,
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${folder}/state`,
    PULUMI_CONFIG_PASSPHRASE: "trial",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    ...environment,
  };
  if (attached) Object.assign(env, await attachable(tools, env));
  return {
    program,
    run: async (...args) => {
      const options = { cwd: program, env };
      const command = promisify(execFile)(cli, [...args, "--non-interactive"], options);
      const { stdout, stderr } = await command.catch((error: Error & Record<"stdout" | "stderr", string>) => {
        error.message += `\n${error.stdout}${error.stderr}`;
        throw error;
      });
      return stdout + stderr;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
