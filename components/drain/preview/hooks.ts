// Which hooks of the stack run for nodes that leave or are drained, and whose annotations hold their removal up. Pure.
import type { Node } from "../../kube/api.ts";
import { type DeleteHookStage, findDeleteHooks } from "../../model/delete-hooks.ts";
import { hookPoints, pointsOf } from "../../model/hooks.ts";
import type { DisruptionFact } from "./facts.ts";
import type { DisruptedNode, Scene } from "./scene.ts";

/** Tells which hooks run, in the order of their moments, and who is waited for. */
export function describeHooks({ disrupted, nodes }: Pick<Scene, "disrupted" | "nodes">): DisruptionFact[] {
  return [...describeOwn(disrupted), ...describeHeld(disrupted, nodes)];
}

function describeOwn(disrupted: readonly DisruptedNode[]): DisruptionFact[] {
  return hookPoints.flatMap((point) => {
    const concerned = disrupted.filter(
      ({ disruption, hooks }) => pointsOf[disruption].includes(point) && (hooks?.[point] ?? []).length > 0,
    );
    const named = concerned.map(({ nodeName, hooks = {} }) => ({
      nodeName,
      names: (hooks[point] ?? []).map(({ name }) => name),
    }));
    return [...Map.groupBy(named, ({ names }) => names.join(" "))]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, group]) => ({
        ...({ kind: "hooks", severity: "info", point } as const),
        hooks: group[0]?.names ?? [],
        nodes: group.map(({ nodeName }) => nodeName).sort(),
      }));
  });
}

const stages: readonly DeleteHookStage[] = ["pre-drain", "pre-terminate"];

/** A node that stays is not deleted: nobody waits for that. */
function describeHeld(disrupted: readonly DisruptedNode[], nodes: readonly Node[]): DisruptionFact[] {
  const going = disrupted.filter(({ disruption }) => disruption === "leaves" || disruption === "rejoin");
  const found = going.flatMap(({ nodeName }) => {
    const node = nodes.find(({ metadata }) => metadata?.name === nodeName);
    return stages.flatMap((stage) =>
      (node === undefined ? [] : findDeleteHooks(node, stage)).map((hook) => ({ nodeName, ...hook })),
    );
  });
  return [...Map.groupBy(found, ({ annotation, owner }) => `${annotation} ${owner}`)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, group]) => {
      const [first] = group;
      if (first === undefined) return [];
      const { annotation, owner } = first;
      const names = group.map(({ nodeName }) => nodeName).sort();
      return [{ kind: "delete-hooks", severity: "warning", annotation, owner, nodes: names } as const];
    });
}
