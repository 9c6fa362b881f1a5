// The package as others get it: packed out of a fresh checkout, and laid into projects that have nothing else but what
// it asks for.
import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { startApiServer } from "../support/api-server.ts";
import { type PulumiCli, preparePulumi, projectRoot } from "../support/pulumi-cli.ts";

const modules = join(projectRoot, "node_modules");

/** A folder that is removed with everything in it. */
export interface Folder extends Disposable {
  readonly path: string;
}

export function newFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), "nodepools-package-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Copies what Git knows and would take, uncommitted changes included, and gives it the named packages or all of them. */
export function copyCheckout(folder: string, packages?: readonly string[]): void {
  const names = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], {
    cwd: projectRoot,
    encoding: "utf8",
  });
  for (const name of names.split("\0").filter(Boolean)) {
    cpSync(join(projectRoot, name), join(folder, name), { recursive: true });
  }
  if (packages) linkPackages(folder, packages);
  else symlinkSync(modules, join(folder, "node_modules"));
}

/** Packs a checkout that was never built, as `npm pack` and an installation from Git do; returns its files and the tarball. */
export function pack(folder: string): { readonly tarball: string; readonly files: readonly string[] } {
  const checkout = join(folder, "checkout");
  copyCheckout(checkout);
  const output = execFileSync("npm", ["pack", "--json", "--loglevel=error", "--pack-destination", folder], {
    cwd: checkout,
    encoding: "utf8",
  });
  const [packed] = Object.values(JSON.parse(output.slice(output.search(/^[[{]/m)))) as {
    filename: string;
    files: { path: string }[];
  }[];
  if (packed === undefined) throw new Error(`npm pack told nothing: ${output}`);
  return { tarball: join(folder, packed.filename), files: packed.files.map(({ path }) => path).sort() };
}

/** Installs the tarball into a project, with links to the packages that its manifest names and no others. */
export function install(tarball: string, project: string): void {
  const place = join(project, "node_modules/nodepools");
  mkdirSync(place, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "-C", place, "--strip-components=1"]);
  const manifest = JSON.parse(readFileSync(join(place, "package.json"), "utf8"));
  linkPackages(project, Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }));
}

export function linkPackages(project: string, names: readonly string[]): void {
  for (const name of names) {
    const place = join(project, "node_modules", name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(modules, name), place);
  }
}

/** A project with the installed package and the CLI to run it. */
export async function newProject(
  tarball: string,
  files: Readonly<Record<string, string>>,
): Promise<PulumiCli> {
  const cli = await preparePulumi("trial", files);
  rmSync(join(cli.program, "node_modules"));
  install(tarball, cli.program);
  return cli;
}

/**
 * Declares one pool of one host, which a preview does not contact, of a cluster, which it asks for its version; returns
 * the types of what the preview would create.
 */
export async function previewOneHost(cli: PulumiCli): Promise<string[]> {
  await using api = await startApiServer();
  await cli.run("stack", "init", "dev");
  const config = {
    "nodepools:cluster": { kubeconfig: api.kubeconfigPath },
    "nodepools:ssh": { password: "unused" },
    "nodepools:pools": [{ name: "workers", hosts: [host] }],
  };
  // By hand: each run of the CLI takes time.
  appendFileSync(join(cli.program, "Pulumi.dev.yaml"), stringify({ config }));
  const { steps } = JSON.parse(await cli.run("preview", "--json"));
  return steps.map(({ newState }: { newState: { type: string } }) => newState.type).sort();
}

const host = {
  name: "w1",
  address: "192.0.2.11",
  hostKey: `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"A".repeat(43)}`,
};
