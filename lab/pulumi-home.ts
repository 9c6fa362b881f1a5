// Makes a Pulumi home folder of the lab's own, in the layout of an official installation, out of found tools.
import { copyFile, link, mkdir, realpath, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Paths of the tools to use, official or stand-in. */
export type PulumiTools = Readonly<
  Record<"pulumi" | "pulumi-language-nodejs" | (typeof plugins)[number]["program"], string>
>;

const plugins = [
  { program: "pulumi-resource-command", folder: "resource-command-v1.2.1" },
  { program: "pulumi-resource-kubernetes", folder: "resource-kubernetes-v4.34.2" },
] as const;

/**
 * Fills `home` so that the CLI finds its language host, the dynamic provider and the plugins without a warning:
 * the first two beside its own binary (found on PATH it would warn), the plugins in its cache.
 * Returns the CLI to start, with PULUMI_HOME set to `home`.
 */
export async function makePulumiHome(home: string, tools: PulumiTools): Promise<string> {
  const beside = join(home, "bin");
  await mkdir(beside, { recursive: true });
  const pulumi = join(beside, "pulumi");
  await placeBinary(tools.pulumi, pulumi);
  await placeLink(tools["pulumi-language-nodejs"], join(beside, "pulumi-language-nodejs"));
  await placeLink(dynamicProviderLauncher(), join(beside, "pulumi-resource-pulumi-nodejs"));
  for (const { program, folder } of plugins) {
    const cache = join(home, "plugins", folder);
    await mkdir(cache, { recursive: true });
    await placeLink(tools[program], join(cache, program));
  }
  return pulumi;
}

/** The launcher of dynamic providers, which ships inside @pulumi/pulumi. */
function dynamicProviderLauncher(): string {
  const sdk = dirname(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
  return join(sdk, "pulumi-resource-pulumi-nodejs");
}

/** The CLI looks beside the file that a symbolic link names, so the binary itself must be in the folder. */
async function placeBinary(source: string, path: string): Promise<void> {
  const real = await realpath(source);
  await rm(path, { force: true });
  try {
    await link(real, path);
  } catch (error) {
    if (!isCode(error, "EXDEV")) throw error;
    await copyFile(real, path);
  }
}

async function placeLink(target: string, path: string): Promise<void> {
  await rm(path, { force: true });
  await symlink(target, path);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
