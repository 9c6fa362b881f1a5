// The checks of a stack, before the first node of a run is cordoned, after each drain, and in the end.
import type { DisruptionFact } from "../../drain/preview/facts.ts";
import { count } from "../../drain/report.ts";
import { KubeError } from "../../kube/kube-error.ts";
import { poll } from "../../model/clock.ts";
import { durations } from "../../model/durations.ts";
import { oneLine } from "../../model/foreign-text.ts";
import { type Check, describeTarget, type Verification } from "../../model/verification.ts";
import { errorText } from "../errors.ts";
import type { Operation } from "../operation.ts";
import type { Progress } from "../progress.ts";
import { lookAt } from "./checks.ts";
import { compared } from "./compared-pods.ts";
import { tellOutcome } from "./tell-outcome.ts";

/** Reports checks that do not hold after a drain. */
export class CheckError extends Error {
  override readonly name = "CheckError";
}

/** A check that does not hold, and why. */
interface Failing {
  readonly check: Check;
  readonly why: string;
  /** True when the identity may not look. */
  readonly isForbidden: boolean;
}

/**
 * Notes how the pods are before anything is taken away or down, and fails when a check does not hold: nothing has begun
 * then. Once per command; asks nothing on `destroy`, after which no application is left.
 */
export async function beginDisruption(operation: Operation): Promise<void> {
  if (isDestroy(operation)) return;
  const { verification, kube } = operation;
  await operation.once("checks before", async () => {
    await operation.record.begin(operation.clusterTime(), () => kube.listPods(compared));
    if (verification === undefined) return;
    const failing = await waitUntilHeld(operation, verification, durations.verification.before);
    if (failing.length === 0) return;
    throw new Error(
      `verifying before the first node is cordoned: ${sayFailing(failing, "does not hold", "do not hold")}\nNothing has begun: this run has cordoned and drained no node. Mend it and run again, or take the check out of nodepools:cluster.verify for this run`,
    );
  });
}

/** Fails when the checks do not hold, within their time, once a node is drained: its host is not touched then. */
export async function requireChecksAfterDrain(
  operation: Operation,
  node: string,
  progress: Progress,
): Promise<void> {
  const { verification } = operation;
  if (verification === undefined || isDestroy(operation)) return;
  const { withinSeconds } = verification;
  const failing = await waitUntilHeld(operation, verification, withinSeconds, progress);
  if (failing.length === 0) return;
  throw new CheckError(
    `draining node "${node}": its pods are gone, and ${withinSeconds} s later ${sayFailing(failing, "does not hold any more", "do not hold any more")}\nThe Node stays cordoned and its host is not touched: declare it as before to have the node back. Or mend the application and run again`,
  );
}

/** Tells what the run did, once it has done its work; fails when the checks do not hold, within their time, by then. */
export async function endDisruption(operation: Operation, progress: Progress): Promise<void> {
  try {
    await requireChecksInTheEnd(operation, progress);
  } finally {
    await tellOutcome(operation, progress);
  }
}

async function requireChecksInTheEnd(operation: Operation, progress: Progress): Promise<void> {
  const { verification } = operation;
  if (verification === undefined) return;
  const { withinSeconds } = verification;
  const failing = await waitUntilHeld(operation, verification, withinSeconds, progress);
  if (failing.length > 0)
    throw new Error(
      `verifying in the end: all is done, and ${withinSeconds} s later ${sayFailing(failing, "does not hold any more", "do not hold any more")}\nMend it and run again: the checks are looked at once more. The host of the node that left last is asked once more as well; if it is off by then, declare it state: lost for that run`,
    );
  await progress.say(
    `verified: ${count(verification.checks.length, "check")} of nodepools:cluster.verify ${verification.checks.length === 1 ? "holds" : "hold"}`,
  );
}

/** Finds out, for a preview, what will be verified and which checks do not hold now. */
export async function findCheckFacts(operation: Operation): Promise<DisruptionFact[]> {
  const { verification } = operation;
  if (verification === undefined) return [];
  const { checks, withinSeconds } = verification;
  const targets = checks.map((check) => `${check.name} (${describeTarget(check)})`);
  const failing = await lookAtAll(operation, checks);
  return [
    { kind: "verified", severity: "info", checks: targets, withinSeconds },
    ...failing.map(({ check, why, isForbidden }): DisruptionFact => {
      const fact = { check: check.name, reason: why };
      return isForbidden
        ? { kind: "check-not-tried", severity: "info", ...fact }
        : { kind: "check-fails", severity: "warning", ...fact };
    }),
  ];
}

/** The engine tells a provider nothing of what is declared then. */
function isDestroy({ declaration, told }: Operation): boolean {
  return declaration.roster === undefined && told.owners().length === 0;
}

async function waitUntilHeld(
  operation: Operation,
  { checks }: Verification,
  within: number,
  progress?: Progress,
): Promise<readonly Failing[]> {
  let failing: readonly Failing[] = [];
  await poll(operation.clock, {
    every: durations.verification.again,
    within,
    until: async () => {
      failing = await lookAtAll(operation, checks);
      return failing.length === 0 || failing.some(({ isForbidden }) => isForbidden) ? true : undefined;
    },
    onWait: (elapsed) =>
      progress?.now(
        `waiting for ${failing.map(({ check }) => `check ${check.name}`).join(", ")}, ${elapsed} s of ${within} s: ${failing[0]?.why}`,
      ),
  });
  return failing;
}

async function lookAtAll({ kube }: Operation, checks: readonly Check[]): Promise<Failing[]> {
  const looks = checks.map(async (check): Promise<Failing[]> => {
    try {
      const why = await lookAt(kube, check);
      return why === undefined ? [] : [{ check, why, isForbidden: false }];
    } catch (error) {
      const isForbidden = error instanceof KubeError && error.failure.status === 403;
      return [{ check, why: oneLine(errorText(error)), isForbidden }];
    }
  });
  return (await Promise.all(looks)).flat();
}

function sayFailing(failing: readonly Failing[], one: string, many: string): string {
  const lines = failing.map(({ check, why }) => `\n  - ${check.name} (${describeTarget(check)}): ${why}`);
  return `${count(failing.length, "check")} of nodepools:cluster.verify ${failing.length === 1 ? one : many}:${lines.join("")}`;
}
