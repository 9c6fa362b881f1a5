// Finds or builds what hosts boot from, in the user's cache: one folder for everything that equal inputs make.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../cache-folder.ts";
import type { Lab } from "../lab-folder.ts";
import { launch } from "../processes/launch.ts";
import { killUnit } from "../processes/units.ts";
import { withLock } from "../toolchain/lock.ts";

/** How an image is made. */
export interface ImageRecipe {
  /** Everything that goes into it: texts, and files and folders by path. Equal ingredients, equal images. */
  readonly texts: readonly string[];
  readonly paths: readonly string[];
  /** Shell script that makes `rootfs` in the folder, and what else it is told to. */
  readonly script: string;
  /** Writes what the script needs into the folder and returns the script's environment. */
  readonly prepare: (folder: string) => Readonly<Record<string, string>>;
  /** Adds to the folder what no shell script makes. */
  readonly finish?: (folder: string) => Promise<void>;
}

type Note = (text: string) => void;

const buildUnit = "host-image";

/** Returns the folder of the image; builds it when anything that goes into it is new. */
export async function ensureImageFolder(lab: Lab, recipe: ImageRecipe, note: Note): Promise<string> {
  const image = join(cacheFolder("images"), imageKey(recipe));
  if (!existsSync(image)) {
    await withLock(join(cacheFolder("images"), "lock"), note, async () => {
      // Somebody else may have built it meanwhile.
      if (existsSync(image)) return;
      await removeUnfinishedImage(lab);
      mkdirSync(buildFolder(lab), { recursive: true });
      await runScript(lab, recipe, note);
      await recipe.finish?.(buildFolder(lab));
      renameSync(buildFolder(lab), image);
    });
  }
  return image;
}

/** Ends the lab's build, if one goes on that its caller did not live to see, and deletes what it made. */
export async function removeUnfinishedImage(lab: Lab): Promise<void> {
  await killUnit(lab, buildUnit);
  rmSync(buildFolder(lab), { recursive: true, force: true });
}

function buildFolder(lab: Lab): string {
  return join(cacheFolder("images"), `building-${lab.id}`);
}

async function runScript(lab: Lab, { script, prepare }: ImageRecipe, note: Note): Promise<void> {
  const folder = buildFolder(lab);
  const env = { ...prepare(folder), ROOTFS: join(folder, "rootfs") };
  note("installing Debian packages into it");
  const log = join(lab.logs, "host-image.log");
  // In a mount namespace of its own, a build that is killed leaves no mount behind.
  const argv = ["unshare", "--mount", "--propagation", "slave", "/bin/sh", script];
  const build = await launch(lab, { unit: buildUnit, argv, log, env });
  build.ref();
  const status = await new Promise((done) => build.once("close", done));
  await killUnit(lab, buildUnit);
  if (status !== 0) {
    throw new Error(
      `building the host image: exit status ${status}: ${lastLine(log)}. The whole story is in ${log}.`,
    );
  }
}

function imageKey({ texts, paths, script }: ImageRecipe): string {
  const hash = createHash("sha256").update(texts.join());
  for (const path of [...paths, script]) {
    for (const [name, file] of filesOf(path)) hash.update(name).update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 16);
}

/** A file by itself, or the files below a folder by their place in it. */
function filesOf(path: string): readonly (readonly [string, string])[] {
  if (statSync(path).isFile()) return [["", path]];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => [file.slice(path.length), file]);
}

function lastLine(file: string): string {
  return readFileSync(file, "utf8").trim().split("\n").at(-1) ?? "";
}
