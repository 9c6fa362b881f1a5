// Tells, at preview and before it runs, what a change does to the pods of nodes that leave, are drained or get taints.
import { describeDisruption } from "../../drain/preview/describe.ts";
import { type FactLine, factLines } from "../../drain/preview/fact-text.ts";
import type { DisruptionFact } from "../../drain/preview/facts.ts";
import { describeNodes } from "../../drain/preview/whereabouts.ts";
import type { KubeApi } from "../../kube/api.ts";
import { errorText } from "../error-text.ts";
import { recentNodes } from "../node-list.ts";
import type { Progress } from "../progress.ts";
import { addedTaints } from "./added-taints.ts";
import { drainedMembers } from "./drained.ts";
import { gatherScene } from "./gather-scene.ts";
import { leavingMembers, stillLeaving } from "./leaving.ts";
import type { RosterInputs } from "./state.ts";

/** Tells each fact once; that the cluster cannot be asked is told when nodes change, and never fails the preview. */
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
function render(facts: readonly DisruptionFact[]): FactLine[] {
  if (process.env.NODEPOOLS_FACTS !== "json") return factLines(facts);
  return facts.map((fact) => ({ text: JSON.stringify(fact), severity: "info" }));
}

async function findFacts(
  connect: () => KubeApi,
  olds: RosterInputs,
  news: RosterInputs,
): Promise<readonly DisruptionFact[]> {
  let leaving = [...leavingMembers(olds, news), ...drainedMembers(olds, news)];
  const taints = addedTaints(olds, news);
  try {
    const api = connect();
    const nodes = await recentNodes(api);
    leaving = [...leaving, ...stillLeaving(nodes, olds, news)];
    if (leaving.length + taints.length === 0) return [];
    return describeDisruption(await gatherScene(api, { leaving, addedTaints: taints, olds, news, nodes }));
  } catch (error) {
    if (leaving.length + taints.length === 0) return [];
    const nodes = leaving.map(({ node, fate }) => ({ nodeName: node, disruption: fate, attachedVolumes: 0 }));
    const what = "what becomes of the pods";
    return [
      ...describeNodes(nodes),
      { kind: "unknown", severity: "warning", what, reason: errorText(error) },
    ];
  }
}
