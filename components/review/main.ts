// The command `nodepools`.
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { showControls } from "../model/foreign-text.ts";
import { type Command, parseCommandLine, usage } from "./command-line.ts";
import { renderMarkdown } from "./markdown.ts";
import { reviewOffline } from "./offline.ts";
import { gravest, type Review, type Verdict } from "./review.ts";
import { ReviewError } from "./review-error.ts";
import { sayNumbers, verdictWords } from "./words.ts";

/** Exit codes; those below 20 are the Pulumi CLI's. */
const exitCodes: Readonly<Record<Verdict, number>> = {
  refused: 20,
  "will-fail": 21,
  failed: 1,
  "needs-care": 0,
  fine: 0,
  "no-change": 0,
};
const noReview = 23;

/** Runs the command with these arguments and returns its exit code. */
export function main(argv: readonly string[]): number {
  try {
    return run(parseCommandLine(argv));
  } catch (error) {
    if (!(error instanceof ReviewError)) throw error;
    console.error(`error: ${showControls(error.message)}`);
    return noReview;
  }
}

function run(command: Command): number {
  if (command.verb === "help") {
    console.log(usage);
    return 0;
  }
  const { folder, base, head, stacks, out } = command;
  const review = reviewOffline({ folder: resolve(folder), base, head, stacks });
  writeReport(review, out);
  for (const stack of review.stacks)
    console.log(showControls(`${stack.stack}: ${verdictWords[stack.verdict]}: ${sayNumbers(stack)}`));
  if (review.stacks.length === 0) console.log("no stack's config differs");
  return exitCodes[gravest(review.stacks)];
}

function writeReport(review: Review, folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "review.json"), `${JSON.stringify(review, undefined, 2)}\n`);
  writeFileSync(join(folder, "review.md"), renderMarkdown(review));
}
