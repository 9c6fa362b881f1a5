// Tells, at preview and before a removal runs, what happens to the pods of the nodes that leave.
import { describeRemoval } from "../../drain/preview/describe.ts";
import { type FactLine, factLines } from "../../drain/preview/fact-lines.ts";
import type { RemovalFact } from "../../drain/preview/facts.ts";
import type { KubeApi } from "../../kube/api.ts";
import { errorText } from "../error-text.ts";
import { recentNodes } from "../node-list.ts";
import type { Progress } from "../progress.ts";
import { gatherScene } from "./gather-scene.ts";
import { leavingMembers, stillLeaving } from "./leaving.ts";
import type { RosterInputs } from "./state.ts";

/** Tells each fact once; a cluster that cannot be asked is said so when nodes leave, and never fails the preview. */
export async function previewRemoval(
  connect: () => KubeApi,
  olds: RosterInputs,
  news: RosterInputs,
  progress: Progress,
): Promise<void> {
  for (const { text, severity } of render(await findFacts(connect, olds, news)))
    await (severity === "warning" ? progress.warn(text) : progress.say(text));
}

/**
 * Tools set NODEPOOLS_FACTS for the Pulumi CLI, to read all facts from the diagnostics of `preview --json`. These are
 * never warnings there: the CLI puts `warning: ` before the text, which would then be no JSON.
 */
function render(facts: readonly RemovalFact[]): FactLine[] {
  if (process.env.NODEPOOLS_FACTS !== "json") return factLines(facts);
  return facts.map((fact) => ({ text: JSON.stringify(fact), severity: "info" }));
}

async function findFacts(
  connect: () => KubeApi,
  olds: RosterInputs,
  news: RosterInputs,
): Promise<readonly RemovalFact[]> {
  let leaving = leavingMembers(olds, news);
  try {
    const api = connect();
    const nodes = await recentNodes(api);
    leaving = [...leaving, ...stillLeaving(nodes, olds, news)];
    if (leaving.length === 0) return [];
    return describeRemoval(await gatherScene(api, { leaving, olds, news, nodes }));
  } catch (error) {
    const nodes = leaving.map((member) => member.node).sort();
    if (nodes.length === 0) return [];
    return [
      { kind: "leaving", severity: "info", nodes },
      {
        kind: "unknown",
        severity: "warning",
        what: "what the leaving nodes carry",
        reason: errorText(error),
      },
    ];
  }
}
