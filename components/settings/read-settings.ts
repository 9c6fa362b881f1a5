// Reads the stack config of the running program; ends it with one readable message when the config is wrong.
import * as pulumi from "@pulumi/pulumi";
import { holdsSecret } from "../pulumi-internals/secret-config.ts";
import { configBytes, sizeWarning } from "./config-size.ts";
import { processEnvironment } from "./environment.ts";
import { readInventoryFile } from "./inventory-reader.ts";
import { parseSettings, type Settings, withInventory } from "./parse-settings.ts";
import { formatProblems } from "./problem-text.ts";
import { parseConfigValue } from "./raw-config.ts";

/**
 * Reads `cluster`, `ssh` and `pools` or `poolsFile`, and the files that they name. Throws one RunError with all problems: Pulumi
 * prints it without a stack trace. A preview does without the file of a private key.
 */
export function readSettings(config: pulumi.Config): Settings {
  // Not getObject: its own error quotes the value, which may be a secret.
  const read = (key: string) => parseConfigValue(config.get(key));
  const all = pulumi.runtime.allConfig();
  const hasSecretInPools = ["pools", "poolsFile"].some((key) => holdsSecret(`${config.name}:${key}`));
  const declared = {
    cluster: read("cluster"),
    ssh: read("ssh"),
    pools: read("pools"),
    poolsFile: read("poolsFile"),
    hasSecretInPools,
    keys: Object.keys(all),
  };
  const raw = withInventory(declared, readInventoryFile(process.cwd()));
  warnOfSize(configBytes(all));
  const toleratesMissingKey = pulumi.runtime.isDryRun();
  const { value, problems } = parseSettings(raw, { ...processEnvironment, toleratesMissingKey });
  if (value !== undefined) return value;
  throw new pulumi.RunError(
    formatProblems(`reading the config of stack "${pulumi.getStack()}"`, problems ?? [], raw),
  );
}

function warnOfSize(bytes: number): void {
  const warning = sizeWarning(bytes);
  if (warning !== undefined) void pulumi.log.warn(warning);
}
