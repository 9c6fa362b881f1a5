// The review of a change by a preview of it, in the folder as it is.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../model/clock.ts";
import { readInventoryFile } from "../settings/inventory-reader.ts";
import { parseSide, type Side } from "./declared.ts";
import { versionOf } from "./offline.ts";
import { reviewPreview } from "./preview-review.ts";
import { openRepository } from "./repository.ts";
import type { Review, Version } from "./review.ts";
import { ReviewError } from "./review-error.ts";
import { runPreview } from "./run-preview.ts";
import { type Project, parseProject, parseStackFile, usable } from "./stack-file.ts";

/** Which stack to preview. */
export interface OnlineRequest {
  readonly folder: string;
  readonly stack: string;
  /** Commit to compare settings with; undefined compares with what the state holds. */
  readonly base: string | undefined;
  /** Further arguments of `pulumi preview`. */
  readonly argv: readonly string[];
  readonly timeoutSeconds: number;
}

/** Runs the preview; throws ReviewError when there is no such project or commit, before anything is run. */
export async function reviewByPreview(
  request: OnlineRequest,
): Promise<{ readonly review: Review; readonly status: number | undefined }> {
  const { folder, stack, base } = request;
  const project = readProject(folder);
  const before = base === undefined ? undefined : sideAt(folder, stack, base);
  const run = await runPreview(request);
  const after = readSide(folder, stack, project);
  const review: Review = {
    schema: 1,
    project: project.name,
    ...(before ? { base: before.version, head: before.head } : headOf(folder)),
    stacks: [
      reviewPreview({ stack, run, before: before?.side, after, at: Math.round(systemClock.now() * 1000) }),
    ],
  };
  return { review, status: run.status };
}

function readProject(folder: string): Project {
  const text = readAny(folder, ["Pulumi.yaml", "Pulumi.yml"]);
  if (text !== undefined) return parseProject(text);
  throw new ReviewError(`"${folder}" has no Pulumi.yaml. Give the project's folder as --cwd.`);
}

function readSide(folder: string, stack: string, project: Project): Side {
  // A stack may be named with its organization, and its file is not.
  const file = `Pulumi.${stack.split("/").at(-1)}`;
  const text = readAny(join(folder, project.stackFolder), [`${file}.yaml`, `${file}.yml`]);
  if (text === undefined) return { kind: "absent" };
  const find = (path: string) => readAny(folder, [path]);
  return parseSide(usable(parseStackFile(text, project)), { find, inventory: readInventoryFile(folder) });
}

function readAny(folder: string, names: readonly string[]): string | undefined {
  for (const name of names) {
    try {
      return readFileSync(join(folder, name), "utf8");
    } catch {
      // The next one, or none.
    }
  }
  return undefined;
}

/** Files that are in no repository have no commit. */
function headOf(folder: string): Pick<Review, "head"> {
  try {
    const { sha } = openRepository(folder).commit("HEAD");
    return { head: { ref: asTheyAre, commit: sha } };
  } catch (error) {
    if (error instanceof ReviewError) return {};
    throw error;
  }
}

const asTheyAre = "the files as they are";

interface Before {
  readonly side: Side;
  readonly version: Version;
  readonly head: Version;
}

function sideAt(folder: string, stack: string, base: string): Before {
  const repository = openRepository(folder);
  const [named, head] = [repository.commit(base), repository.commit("HEAD")];
  const sha = repository.commonCommit(named, head) ?? named.sha;
  const version = versionOf(repository, { ref: base, sha });
  return {
    side: version.side(stack.split("/").at(-1) ?? stack),
    version: { ref: base, commit: sha },
    head: { ref: asTheyAre, commit: head.sha },
  };
}
