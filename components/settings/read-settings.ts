// Reads the stack config of the running program; ends it with one readable message when the config is wrong.
import * as pulumi from "@pulumi/pulumi";
import { parseSettings, type RawSettings, type Settings } from "./parse-settings.ts";
import { formatProblems } from "./problem-text.ts";
import { parseConfigValue } from "./raw-value.ts";
import { processSurroundings } from "./surroundings.ts";

/**
 * Reads `cluster`, `ssh` and `pools`, and the files that they name. Throws one RunError with all problems: Pulumi
 * prints it without a stack trace.
 */
export function readSettings(config: pulumi.Config): Settings {
  // Not getObject: its own error quotes the value, which may be a secret.
  const read = (key: string) => parseConfigValue(config.get(key));
  const raw: RawSettings = { cluster: read("cluster"), ssh: read("ssh"), pools: read("pools") };
  const { value, problems } = parseSettings(raw, processSurroundings);
  if (value !== undefined) return value;
  throw new pulumi.RunError(
    formatProblems(`reading the config of stack "${pulumi.getStack()}"`, problems ?? [], raw),
  );
}
