// A language host and a command plugin that stay for all runs of the CLI that a worker makes: to start both for each run
// takes about as much processor time as the program does. Attaching is how Pulumi has plugins debugged:
// https://github.com/pulumi/pulumi/blob/v3.276.0/developer-docs/debugging.md
import { startPluginServer } from "./plugin-process.ts";

/** The programs to start. */
type Programs = Readonly<Record<"pulumi-language-nodejs" | "pulumi-resource-command", string>>;

/**
 * Starts both in the environment of the runs, by the command line that `inside` makes of a program; returns the
 * variables by which a run attaches to them. They end with this worker.
 */
export async function attachable(
  programs: Programs,
  env: NodeJS.ProcessEnv,
  inside: (argv: readonly string[]) => readonly string[] = (argv) => argv,
): Promise<NodeJS.ProcessEnv> {
  const start = ([program = "", ...args]: readonly string[]) => startPluginServer(program, args, { env });
  const [language, command] = await Promise.all([
    start(inside([programs["pulumi-language-nodejs"]])),
    start(inside([programs["pulumi-resource-command"]])),
  ]);
  return {
    PULUMI_DEBUG_LANGUAGES: `nodejs:${language.port}`,
    PULUMI_DEBUG_PROVIDERS: `command:${command.port}`,
  };
}
