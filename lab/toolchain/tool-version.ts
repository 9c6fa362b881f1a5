// Asks a program which version it is.
import { captureCommand } from "../processes/run-command.ts";
import { type ToolName, tools } from "./tools.ts";

const tellVersionTimeoutSeconds = 20;

/** Asks a program for its version; undefined where it does not tell one. */
export async function readVersion(name: ToolName, path: string): Promise<string | undefined> {
  const { tellsVersion } = tools[name];
  if (tellsVersion === undefined) return undefined;
  const output = await captureCommand([path, ...tellsVersion.args], {
    timeoutSeconds: tellVersionTimeoutSeconds,
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    // A program for another kind of machine cannot be started, so it tells no version.
  }).catch(() => undefined);
  return tellsVersion.pattern.exec(output?.stdout ?? "")?.[1];
}

/** Refuses a freshly made program that tells another version than the table's. */
export async function verifyVersion(name: ToolName, path: string): Promise<void> {
  const { tellsVersion, version } = tools[name];
  if (tellsVersion === undefined) return;
  const told = await readVersion(name, path);
  if (told === version) return;
  throw new Error(
    `checking "${name}": it should be version ${version}, but it says ${told ?? "nothing that could be read"}`,
  );
}
