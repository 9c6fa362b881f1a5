// Which Deployments drains restart, so that their new pods start before the old ones end. Pure.
import { countByOwner, type DisruptionFact } from "./facts.ts";
import { isRestarted, type JudgedPod, type Scene } from "./scene.ts";

/** Tells which are restarted, and which of them may have pods down all the same, past their budgets. */
export function describeRestarts(
  { rolloutOf }: Pick<Scene, "rolloutOf">,
  judged: readonly JudgedPod[],
): DisruptionFact[] {
  const restarted = judged.filter(isRestarted).map(({ pod }) => pod);
  if (restarted.length === 0) return [];
  const gaping = restarted.filter((pod) => {
    const found = rolloutOf?.(pod);
    return found !== undefined && found !== "unknown" && (found.deployment.rollout?.unavailable ?? 0) > 0;
  });
  return [
    { kind: "restarted", severity: "info", owners: countByOwner(restarted) },
    ...(gaping.length > 0
      ? [{ kind: "restarted-past-budgets", severity: "warning", owners: countByOwner(gaping) } as const]
      : []),
  ];
}
