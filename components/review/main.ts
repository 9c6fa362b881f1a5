// The command `nodepools`.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { oneLine, showControls } from "../model/foreign-text.ts";
import { type Command, parseCommandLine, usage } from "./command-line.ts";
import { exitCodeOf, noReview } from "./exit-code.ts";
import { renderMarkdown } from "./markdown.ts";
import { reviewOffline } from "./offline.ts";
import { renderPage } from "./page/page.ts";
import { reviewByPreview } from "./preview.ts";
import type { Review, StackReview } from "./review.ts";
import { ReviewError } from "./review-error.ts";
import { concernWords, sayConcern, sayNumbers, verdictWords } from "./words.ts";

/** Runs the command with these arguments and returns its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    return await run(parseCommandLine(argv));
  } catch (error) {
    if (!(error instanceof ReviewError)) throw error;
    console.error(`error: ${showControls(error.message)}`);
    return noReview;
  }
}

async function run(command: Command): Promise<number> {
  if (command.verb === "help") {
    console.log(usage);
    return 0;
  }
  const request = { ...command, folder: resolve(command.folder) };
  // What an earlier review left there must not be taken for this one's, which may come to none.
  inFolder(command.out, () => {
    for (const file of files) rmSync(join(command.out, file), { force: true });
  });
  const { review, status } =
    request.verb === "offline"
      ? { review: reviewOffline(request), status: 0 }
      : await reviewByPreview(request);
  writeReport(review, command.out, command.characters);
  for (const line of review.stacks.flatMap(stackLines)) console.log(line);
  if (review.stacks.length === 0) console.log("no stack's config differs");
  console.log(`The report: ${join(command.out, "review.md")}, and review.html for all of it`);
  return exitCodeOf(review, status, command.failOn);
}

const shown = 5;

/** The verdict with its numbers, and why `up` would not do it, as far as there is room. */
function stackLines(stack: StackReview): string[] {
  const { stack: name, verdict, concerns } = stack;
  const grave = concerns.filter(({ kind }) => ["refused", "failed", "will-fail"].includes(kind));
  const lines = grave
    .slice(0, shown)
    .map((concern) => `  ${concernWords[concern.kind]}: ${sayConcern(concern)}`);
  return [`${name}: ${verdictWords[verdict]}: ${sayNumbers(stack)}`, ...lines].map((line) =>
    oneLine(line, 1000),
  );
}

const files = ["review.json", "review.md", "review.html"] as const;

function writeReport(review: Review, folder: string, characters: number): void {
  const texts: Readonly<Record<(typeof files)[number], string>> = {
    "review.json": `${JSON.stringify(review, undefined, 2)}\n`,
    "review.md": renderMarkdown(review, characters),
    "review.html": renderPage(review),
  };
  inFolder(folder, () => {
    mkdirSync(folder, { recursive: true });
    for (const file of files) writeFileSync(join(folder, file), texts[file]);
  });
}

function inFolder(folder: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ReviewError(
      `the report cannot be written to "${folder}" (${code ?? message}). Give another folder as --out.`,
    );
  }
}
