// The command `nodepools`.
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { showControls } from "../model/foreign-text.ts";
import { type Command, parseCommandLine, usage } from "./command-line.ts";
import { exitCodeOf, noReview } from "./exit-code.ts";
import { renderMarkdown } from "./markdown.ts";
import { reviewOffline } from "./offline.ts";
import { renderPage } from "./page/page.ts";
import { reviewByPreview } from "./preview.ts";
import type { Review } from "./review.ts";
import { ReviewError } from "./review-error.ts";
import { sayNumbers, verdictWords } from "./words.ts";

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
  const { review, status } =
    request.verb === "offline"
      ? { review: reviewOffline(request), status: 0 }
      : await reviewByPreview(request);
  writeReport(review, command.out, command.characters);
  for (const stack of review.stacks)
    console.log(showControls(`${stack.stack}: ${verdictWords[stack.verdict]}: ${sayNumbers(stack)}`));
  if (review.stacks.length === 0) console.log("no stack's config differs");
  return exitCodeOf(review, status, command.failOn);
}

function writeReport(review: Review, folder: string, characters: number): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "review.json"), `${JSON.stringify(review, undefined, 2)}\n`);
  writeFileSync(join(folder, "review.md"), renderMarkdown(review, characters));
  writeFileSync(join(folder, "review.html"), renderPage(review));
}
