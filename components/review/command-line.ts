// The arguments of `nodepools`. Pure.
import { parseArgs } from "node:util";
import { ReviewError } from "./review-error.ts";

/** What the command is asked to do. */
export type Command =
  | { readonly verb: "help" }
  | {
      readonly verb: "review";
      /** Folder of the Pulumi project. */
      readonly folder: string;
      readonly stacks: readonly string[];
      readonly base: string;
      readonly head: string;
      /** Folder that the report goes to. */
      readonly out: string;
    };

/** What `nodepools --help` prints. */
export const usage = `Usage: nodepools review --base <ref> --offline [--head <ref>] [--stack <name>]… [--out <folder>] [--cwd <folder>]

Reviews a change of node pools from two commits alone: which nodes join, leave, move or are drained, which limits refuse
it, which settings differ. Needs no secret, no cluster and no Pulumi state, and runs nothing of what it reads.

  --base <ref>    the commit that the change is made to; what both have in common counts
  --head <ref>    the commit with the change; default HEAD
  --stack <name>  a stack to review, may be given several times; default: each whose config differs
  --out <folder>  where review.md and review.json are written; default nodepools-review
  --cwd <folder>  the Pulumi project's folder; default the current one

Exit codes: 0 no objection; 20 refused; 21 will fail; 23 no review could be made.
`;

const options = {
  base: { type: "string" },
  head: { type: "string" },
  stack: { type: "string", multiple: true },
  offline: { type: "boolean" },
  out: { type: "string" },
  cwd: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** Reads the arguments; throws ReviewError for what it does not know. */
export function parseCommandLine(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  if (values.help || argv.length === 0) return { verb: "help" };
  const [verb, ...others] = positionals;
  if (verb !== "review" || others.length > 0)
    throw new ReviewError(`unknown command ${JSON.stringify(positionals.join(" "))}. ${help}`);
  if (!values.offline) throw new ReviewError(`a review needs --offline. ${help}`);
  if (values.base === undefined) throw new ReviewError(`a review --offline needs --base. ${help}`);
  return {
    verb,
    folder: values.cwd ?? ".",
    stacks: values.stack ?? [],
    base: values.base,
    head: values.head ?? "HEAD",
    out: values.out ?? "nodepools-review",
  };
}

const help = "`nodepools --help` tells what there is.";

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    throw new ReviewError(`${(error as Error).message}. ${help}`);
  }
}
