// Everything that a preview says about nodes that leave, are drained or get taints, in one order. Pure.
import type { Pod } from "../../kube/api.ts";
import { podController, podKey } from "../pod-filters.ts";
import { describeBudgetsAhead } from "./budgets-ahead.ts";
import { factKinds } from "./fact-text.ts";
import type { DisruptionFact } from "./facts.ts";
import { describeHooks } from "./hooks.ts";
import { describeReplacements } from "./replacements.ts";
import { describeRestarts } from "./restarts.ts";
import { describeRoom } from "./room.ts";
import { judgePods, moves, type Scene } from "./scene.ts";
import { describeTaints } from "./taints.ts";
import { describeDataLoss, findVolumes } from "./volumes.ts";
import { describeWhereabouts } from "./whereabouts.ts";
import { describePace, describeWork } from "./work.ts";

/** Describes the change of all nodes together: facts by kind, those of one kind by name. */
export function describeDisruption(scene: Scene): DisruptionFact[] {
  const judged = judgePods(scene);
  const moving = inOrder(judged.filter(moves).map(({ pod }) => pod));
  const volumesOf = findVolumes(scene.volumes);
  const facts: DisruptionFact[] = [
    ...describeWhereabouts(scene, judged),
    ...describeHooks(scene),
    ...describeWork(scene, judged),
    ...describePace(scene),
    ...describeReplacements(scene.pods, judged),
    ...describeRestarts(scene, judged),
    ...describeTaints(scene),
    ...describeBudgetsAhead(scene, judged),
    ...describeDataLoss(moving, volumesOf),
    ...describeRoom(scene, moving.filter(podController), volumesOf),
    ...scene.unknown.map((gap) => ({ kind: "unknown", severity: "warning", ...gap }) as const),
  ];
  return facts.sort((one, other) => factKinds.indexOf(one.kind) - factKinds.indexOf(other.kind));
}

/** Sorts by name: which pods find no room must not depend on the order of the server's list. */
function inOrder(pods: readonly Pod[]): Pod[] {
  const keyed = pods.map((pod) => ({ key: podKey(pod), pod }));
  return keyed.sort((one, other) => (one.key < other.key ? -1 : 1)).map(({ pod }) => pod);
}
