// How large a stack's config may be: the language host hands it to the program as one environment variable, and Linux takes
// no larger one than 128 KiB (MAX_ARG_STRLEN). Beyond it the CLI says `spawn E2BIG`, before the program is there. Pure.

const variable = "PULUMI_CONFIG=";
const largest = 128 * 1024;
const remedy =
  "Move the hosts of large pools into files (hostsFile of a pool), or all pools into one (nodepools:poolsFile)";

/** Returns how many bytes a config takes on its way to the program, as its keys with their values. */
export function configBytes(config: Readonly<Record<string, unknown>>): number {
  const values = Object.entries(config).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return Buffer.byteLength(JSON.stringify(Object.fromEntries(values)));
}

/** Says why a program cannot be started with a config of this size; undefined when it can. */
export function sizeFault(bytes: number): string | undefined {
  if (bytes + variable.length + 1 <= largest) return undefined;
  return `the stack's config takes ${inKib(bytes)} KiB, and the Pulumi CLI cannot start a program with more than 128 ("spawn E2BIG"). ${remedy}.`;
}

/** Warns of a config that will soon be too large; undefined below three quarters. */
export function sizeWarning(bytes: number): string | undefined {
  if (bytes < largest * 0.75) return undefined;
  return `the stack's config takes ${inKib(bytes)} of the 128 KiB with which the Pulumi CLI can start a program; with more it ends with "spawn E2BIG". ${remedy}.`;
}

function inKib(bytes: number): number {
  return Math.ceil(bytes / 1024);
}
