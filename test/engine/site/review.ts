// `nodepools review` of a stack by a preview, as an operator runs it, but for the place of the stack's config.
import { readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { Review, StackReview } from "../../../components/review/review.ts";
import { captureCommand } from "../../../lab/processes/run-command.ts";
import { projectRoot } from "../../support/pulumi-cli.ts";
import type { Scene } from "./scene.ts";

/** What the command came to. */
export interface Reviewed {
  /** Its exit code. */
  readonly status: number | null;
  readonly stack: StackReview;
  /** The three files. */
  readonly texts: readonly string[];
}

/** Names the file that an approval is given with. */
export function reviewFile({ site }: Scene): string {
  return join(site.folder, "review/review.json");
}

/** Runs the command with these options, and its preview with those after a `--`; reads its report. */
export async function review(scene: Scene, ...options: readonly string[]): Promise<Reviewed> {
  const { pulumi, environment } = scene.site;
  const out = dirname(reviewFile(scene));
  const command = [join(projectRoot, "entry/nodepools.cjs"), "review", "--cwd", projectRoot, "--out", out];
  const separator = options.includes("--") ? [] : ["--"];
  const own = ["--stack", scene.stack.name, ...options, ...separator];
  const preview = [...own, "--config-file", scene.stack.configFile];
  const { PULUMI_DEBUG_COMMANDS: _, ...env } = environment;
  const { status, stderr } = await captureCommand([process.execPath, ...command, ...preview], {
    env: { ...env, PATH: `${dirname(pulumi)}${delimiter}${env.PATH}` },
    timeoutSeconds: 180,
  });
  const read = (name: string) => readFileSync(join(out, name), "utf8");
  const { stacks } = JSON.parse(read("review.json")) as Review;
  const [stack] = stacks;
  if (stack === undefined) throw new Error(`no stack was reviewed: ${stderr}`);
  return { status, stack, texts: [read("review.md"), read("review.html"), read("review.json")] };
}
