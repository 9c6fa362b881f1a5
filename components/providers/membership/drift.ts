// What a Node shows in the place of what is declared, for the keys that the program owns. Pure. What follows from it is
// that these keys are set back, whoever changed them: a kubelet may write most of them on its own Node.
import type { Node } from "../../kube/api.ts";
import type { DriftFact, MetadataField } from "../../model/declaration-fact.ts";
import { oneLine } from "../../model/foreign-text.ts";
import { readMarks, withoutMarks } from "../../model/node-marks.ts";
import { isSameTaint } from "../../model/taint.ts";
import { identify } from "../identity.ts";
import type { MembershipInputs } from "./state.ts";

const shownCharacters = 100;

/**
 * Lists the owned keys that someone else has changed since they were settled: those that are declared now as they were
 * before. Says nothing of a Node that is another's, or that another machine reports.
 */
export function findDrift(olds: MembershipInputs, news: MembershipInputs, node: Node): DriftFact[] {
  const { kind } = identify(node, { machineId: olds.machineId, owner: news.owner });
  if (kind !== "ours" && kind !== "unstamped") return [];
  return [
    ...driftOfPool(olds, news, node),
    ...driftOfKeys("labels", olds, news, node),
    ...driftOfKeys("annotations", olds, news, node),
    ...driftOfTaints(olds, news, node),
    ...driftOfCordon(olds, news, node),
  ];
}

/** A Node that has lost its stamp gets it again; one with the marks of an earlier version is stamped by the roster. */
function driftOfPool(olds: MembershipInputs, news: MembershipInputs, node: Node): DriftFact[] {
  const { owner, pool } = readMarks(node);
  if (olds.pool !== news.pool || pool === news.pool || owner?.guarded === false) return [];
  return [drifted(news, "pool", undefined, news.pool, pool)];
}

function driftOfKeys(
  field: Exclude<MetadataField, "taints">,
  olds: MembershipInputs,
  news: MembershipInputs,
  { metadata }: Node,
): DriftFact[] {
  const seen = metadata?.[field] ?? {};
  return Object.entries(withoutMarks(news[field])).flatMap(([key, value]) =>
    olds[field][key] !== value || seen[key] === value ? [] : [drifted(news, field, key, value, seen[key])],
  );
}

function driftOfTaints(olds: MembershipInputs, news: MembershipInputs, { spec }: Node): DriftFact[] {
  return news.taints.flatMap((taint) => {
    const before = olds.taints.find((other) => isSameTaint(other, taint));
    const seen = spec?.taints?.find((other) => isSameTaint(other, taint));
    const { key, effect, value = "" } = taint;
    // The API server drops an empty value, so absent and empty are one.
    const isSame = seen !== undefined && (seen.value ?? "") === value;
    if (before === undefined || (before.value ?? "") !== value || isSame) return [];
    const fact = drifted(news, "taints", `${key}:${effect}`, value, seen && (seen.value ?? ""));
    return [effect === "NoExecute" ? { ...fact, severity: "warning" } : fact];
  });
}

/** A declared cordon that was lifted by hand is drift; an operator's own cordon is not. */
function driftOfCordon(olds: MembershipInputs, news: MembershipInputs, { spec }: Node): DriftFact[] {
  if (olds.schedulable || news.schedulable || spec?.unschedulable === true) return [];
  return [drifted(news, "schedulable", undefined, "false", "true")];
}

function drifted(
  { node }: MembershipInputs,
  field: DriftFact["field"],
  key: string | undefined,
  declared: string,
  found: string | undefined,
): DriftFact {
  return {
    kind: "drift",
    severity: "info",
    node,
    field,
    ...(key !== undefined && { key }),
    declared: oneLine(declared, shownCharacters),
    ...(found !== undefined && { found: oneLine(found, shownCharacters) }),
  };
}
