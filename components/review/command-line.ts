// The arguments of `nodepools`. Pure.
import { parseArgs } from "node:util";
import { defaultCharacters } from "./markdown.ts";
import { type ConcernKind, concernKinds } from "./review.ts";
import { ReviewError } from "./review-error.ts";

interface Common {
  /** Folder of the Pulumi project. */
  readonly folder: string;
  /** Folder that the report goes to. */
  readonly out: string;
  /** How long review.md may become, in UTF-16 units. */
  readonly characters: number;
  /** Kinds of concerns that end the command with an exit code of their own. */
  readonly failOn: readonly ConcernKind[];
}

/** What the command is asked to do. */
export type Command =
  | { readonly verb: "help" }
  | ({
      readonly verb: "offline";
      /** Empty means each stack whose config differs. */
      readonly stacks: readonly string[];
      readonly base: string;
      readonly head: string;
    } & Common)
  | ({
      readonly verb: "preview";
      readonly stack: string;
      readonly base: string | undefined;
      /** Further arguments of `pulumi preview`. */
      readonly argv: readonly string[];
      readonly timeoutSeconds: number;
    } & Common);

/** What `nodepools --help` prints. */
export const usage = `Usage: nodepools review --stack <name> [--base <ref>] [options] [-- <arguments of pulumi preview>]
       nodepools review --offline --base <ref> [--head <ref>] [--stack <name>]… [options]
       nodepools import --help    (writes the config of a running cluster)

Says what a change of node pools does, for those who review it: review.md, review.html and review.json. The first form
runs \`pulumi preview\` and reports however it ends; the second reads two commits alone: no secret, no cluster, no state.

  --stack <name>       the stack; with --offline may be given several times, default: each whose config differs
  --base <ref>         the commit that the change is made to; what both have in common counts
  --head <ref>         the commit with the change, with --offline; default HEAD
  --out <folder>       where the report goes; default nodepools-review
  --cwd <folder>       the Pulumi project's folder; default the current one
  --fail-on <kinds>    concerns that end with exit code 22, with commas between: may-not-end, data-loss, down,
                       past-budgets, drift, unknown, other
  --platform <name>    how long review.md may become: github (65,000 characters; default 60,000), gitlab (990,000),
                       azure (148,000), bitbucket (32,000)
  --characters <n>     the same as a number
  --timeout <seconds>  after which a preview is interrupted; default 1800

Exit codes: 0 no objection; 20 refused; 21 will fail; 22 a concern of --fail-on; 23 no review could be made, and no report
is written; others are those of a preview that failed.
`;

const options = {
  base: { type: "string" },
  head: { type: "string" },
  stack: { type: "string", multiple: true },
  offline: { type: "boolean" },
  out: { type: "string" },
  cwd: { type: "string" },
  "fail-on": { type: "string" },
  platform: { type: "string" },
  characters: { type: "string" },
  timeout: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

const help = "`nodepools --help` tells what there is.";

/** Reads the arguments; throws ReviewError for what it does not know. */
export function parseCommandLine(argv: readonly string[]): Command {
  const end = argv.indexOf("--");
  const [own, others] = end === -1 ? [argv, []] : [argv.slice(0, end), argv.slice(end + 1)];
  const { values, positionals } = parse(own);
  if (values.help || argv.length === 0) return { verb: "help" };
  if (positionals.length !== 1 || positionals[0] !== "review")
    throw new ReviewError(`unknown command ${JSON.stringify(positionals.join(" "))}. ${help}`);
  return values.offline ? offline(values, others) : preview(values, others);
}

type Values = ReturnType<typeof parse>["values"];

function offline(values: Values, others: readonly string[]): Command {
  const { base, head = "HEAD", stack: stacks = [] } = values;
  if (base === undefined) throw new ReviewError(`a review --offline needs --base. ${help}`);
  if (others.length > 0 || values.timeout !== undefined)
    throw new ReviewError(
      `a review --offline runs no preview that arguments or --timeout could be for. ${help}`,
    );
  return { verb: "offline", stacks, base, head, ...common(values) };
}

function preview(values: Values, argv: readonly string[]): Command {
  const [stack, ...more] = values.stack ?? [];
  if (stack === undefined || more.length > 0)
    throw new ReviewError(
      `a review by preview is of one --stack; without a preview it is --offline. ${help}`,
    );
  if (values.head !== undefined)
    throw new ReviewError(`a preview is of the files as they are: --head goes with --offline. ${help}`);
  const timeoutSeconds = wholeNumber("timeout", values.timeout, 1800, 10, 86_400);
  return { verb: "preview", stack, base: values.base, argv, timeoutSeconds, ...common(values) };
}

function common(values: Values): Common {
  return {
    folder: values.cwd ?? ".",
    out: values.out ?? "nodepools-review",
    characters: charactersOf(values),
    failOn: (values["fail-on"]?.split(",") ?? []).map(parseKind),
  };
}

/** Less than each takes, for what a script puts around the report. */
const platforms: ReadonlyMap<string, number> = new Map([
  ["github", 65_000],
  ["gitlab", 990_000],
  ["azure", 148_000],
  ["bitbucket", 32_000],
]);

function charactersOf({ platform, characters }: Values): number {
  if (platform === undefined)
    return wholeNumber("characters", characters, defaultCharacters, 2000, 1_000_000);
  const known = platforms.get(platform);
  if (known !== undefined && characters === undefined) return known;
  if (known !== undefined) throw new ReviewError("give --platform or --characters, not both.");
  throw new ReviewError(
    `--platform: ${JSON.stringify(platform)} is none of ${[...platforms.keys()].join(", ")}. For others give --characters.`,
  );
}

function parseKind(word: string): ConcernKind {
  const kind = concernKinds.find((known) => known === word.trim());
  if (kind !== undefined) return kind;
  throw new ReviewError(`--fail-on: ${JSON.stringify(word)} is none of ${concernKinds.join(", ")}.`);
}

function wholeNumber(
  option: string,
  given: string | undefined,
  otherwise: number,
  least: number,
  most: number,
): number {
  const number = given === undefined ? otherwise : Number(given);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new ReviewError(`--${option} takes a whole number from ${least} to ${most}, not "${given}".`);
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    throw new ReviewError(`${(error as Error).message}. ${help}`);
  }
}
