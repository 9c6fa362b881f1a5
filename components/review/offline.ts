// The review of a change as it stands in Git: of each stack whose config differs between two commits.
import { basename } from "node:path";
import { compareSides } from "./compare.ts";
import { parseSide, type Side } from "./declared.ts";
import { filesAt, inventoriesOf } from "./project-files.ts";
import { type Commit, type FolderFile, largeFault, openRepository, type Repository } from "./repository.ts";
import type { Review, StackReview } from "./review.ts";
import { ReviewError } from "./review-error.ts";
import {
  type Project,
  parseProject,
  parseStackFile,
  type StackFile,
  unreadable,
  usable,
} from "./stack-file.ts";

/** Which commits to compare, of which project. */
export interface OfflineRequest {
  /** The project's folder, in a Git repository. */
  readonly folder: string;
  readonly base: string;
  readonly head: string;
  /** Empty means each stack whose config differs. */
  readonly stacks: readonly string[];
}

/** Reads the two commits and nothing else; throws ReviewError when there is nothing to compare. */
export function reviewOffline({ folder, base, head, stacks }: OfflineRequest): Review {
  const repository = openRepository(folder);
  const [declared, after] = [repository.commit(base), repository.commit(head)];
  // What others did on the base since the change began is no part of the change.
  const before = { ...declared, sha: repository.commonCommit(declared, after) ?? declared.sha };
  const [olds, news] = [versionOf(repository, before), versionOf(repository, after)];
  const name = news.project?.name || olds.project?.name;
  if (name === undefined)
    throw new ReviewError(
      `neither ${base} nor ${head} has a Pulumi.yaml in this folder. Give the project's folder as --cwd.`,
    );
  return {
    schema: 1,
    project: name,
    base: { ref: base, commit: before.sha },
    head: { ref: head, commit: after.sha },
    stacks: chooseStacks(stacks, olds, news).map((stack) => reviewStack(stack, olds, news)),
  };
}

/** A project at one commit. */
interface ProjectVersion {
  readonly commit: Commit;
  /** Absent when the commit does not have it. */
  readonly project: Project | undefined;
  /** What decides on a stack's config: the ids of its file, of Pulumi.yaml and of the inventories that they name. */
  readonly idOf: (stack: string) => string;
  readonly stacks: readonly string[];
  /** Reads a stack; `judge` may refuse its file. */
  readonly side: (stack: string, judge?: (file: StackFile) => StackFile) => Side;
}

/** Keys whose values are inventory files. */
const fileKeys = ["hostsFile", "poolsFile"];

const stackFile = /^Pulumi\.(.+)\.ya?ml$/;

/** Opens a project at one commit. */
export function versionOf(repository: Repository, commit: Commit): ProjectVersion {
  const projectFile = repository.list(commit.sha, "").find(({ name }) => /^Pulumi\.ya?ml$/.test(name));
  const project = projectFile && readProject(repository, projectFile);
  const files = new Map(
    (project ? repository.list(commit.sha, slashed(project.stackFolder)) : []).flatMap((file) => {
      const stack = stackFile.exec(file.name)?.[1];
      return stack === undefined ? [] : [[stack, file] as const];
    }),
  );
  const named = filesAt(repository, commit);
  const naming = new Set(repository.filesWith(commit.sha, fileKeys).map((path) => basename(path)));
  const isNaming = (file: string) => naming.has(file) || naming.has(projectFile?.name ?? "");
  const read = ({ id, name }: FolderFile): StackFile => {
    const text = repository.read(id);
    if (text === undefined) return { fault: `${name} ${largeFault}` };
    return parseStackFile(text, project ?? { defaults: {} });
  };
  return {
    commit,
    project,
    idOf: (stack) => {
      const file = files.get(stack);
      const inventories = file?.isPlain && isNaming(file.name) ? inventoriesOf(read(file), named) : [];
      const ids = inventories.map((path) => repository.entry(commit.sha, path)?.id);
      return [projectFile?.id, file?.id, ...ids].join(" ");
    },
    stacks: [...files.keys()],
    side: (stack, judge = (file) => file) => {
      const file = files.get(stack);
      if (project?.fault !== undefined)
        return { kind: "wrong", problems: [`${projectFile?.name} ${project.fault}`] };
      if (file === undefined || project === undefined) return { kind: "absent" };
      if (!file.isPlain) return { kind: "wrong", problems: [`${file.name} is a link, and is not followed`] };
      return parseSide(judge(read(file)), named);
    },
  };
}

function readProject(repository: Repository, { id, isPlain }: FolderFile): Project {
  if (!isPlain) return unreadable("is a link, and is not followed");
  const text = repository.read(id);
  return text === undefined ? unreadable(largeFault) : parseProject(text);
}

/** `git ls-tree` lists what is in a folder when its path ends with a slash. */
function slashed(folder: string): string {
  return folder === "." ? "" : `${folder.replace(/^\.\/|\/$/g, "")}/`;
}

function chooseStacks(wanted: readonly string[], before: ProjectVersion, after: ProjectVersion): string[] {
  const known = [...new Set([...after.stacks, ...before.stacks])].sort();
  const missing = wanted.find((stack) => !known.includes(stack));
  if (missing !== undefined)
    throw new ReviewError(
      `neither commit has a Pulumi.${missing}.yaml. Stacks there: ${known.join(", ") || "none"}.`,
    );
  if (wanted.length > 0) return [...new Set(wanted)];
  return known.filter((stack) => before.idOf(stack) !== after.idOf(stack));
}

function reviewStack(stack: string, before: ProjectVersion, after: ProjectVersion): StackReview {
  return compareSides(stack, before.side(stack), after.side(stack, usable));
}
