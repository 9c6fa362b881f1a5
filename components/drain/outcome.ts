// What a run that moved pods did to their owners, from what the cluster says at its beginning and its end: two lists of
// pods and no watch. Pure.
import type { Pod } from "../kube/api.ts";
import { readTime } from "../model/clock.ts";
import { isServing, isUnplaced, ownerKey } from "./pod-filters.ts";
import type { MovedPod } from "./summary.ts";

/** The pods of a cluster at one time, by uid. */
export interface PodsThen {
  /** Those that served. */
  readonly serving: ReadonlyMap<string, string>;
  /** Those for which no node was found. */
  readonly pending: ReadonlySet<string>;
}

/** Keeps of a list of pods what is compared with later: uids, and the owners of those that serve. */
export function noteThen(pods: readonly Pod[]): PodsThen {
  return {
    serving: new Map(pods.filter(isServing).map((pod) => [uidOf(pod), ownerKey(pod)])),
    pending: new Set(pods.filter(isUnplaced).map(uidOf)),
  };
}

/** Lists the pods without a node that had one or did not exist before. */
export function newlyPending(then: PodsThen, now: readonly Pod[]): Pod[] {
  return now.filter((pod) => isUnplaced(pod) && !then.pending.has(uidOf(pod)));
}

/** How long an owner had fewer serving pods than it had before its pods were moved. */
export interface OwnerShortage {
  readonly owner: string;
  readonly seconds: number;
  /** How many are missing still; 0 when it is over. */
  readonly missing: number;
}

/**
 * Finds the longest shortage of each owner of moved pods, longest first: pods count as gone once they are told to go, and
 * others in their place from the time on at which their kubelet says that they are Ready.
 * @param end seconds since 1970, like all times here on the cluster's clock
 */
export function findShortages(
  moved: readonly MovedPod[],
  then: PodsThen,
  now: readonly Pod[],
  end: number,
): OwnerShortage[] {
  const gone = Map.groupBy(
    moved.filter(({ wasServing }) => wasServing),
    ({ owner }) => owner,
  );
  const serving = Map.groupBy(now.filter(isServing), ownerKey);
  const before = Map.groupBy(then.serving.values(), (owner) => owner);
  const shortages = [...gone].map(([owner, pods]) => {
    const present = serving.get(owner) ?? [];
    const come = present.filter((pod) => !then.serving.has(uidOf(pod))).map((pod) => readySince(pod, end));
    const missing = Math.max(0, (before.get(owner)?.length ?? 0) - present.length);
    return {
      owner,
      seconds: longestShortage(
        pods.map(({ at }) => at),
        come,
        missing > 0,
        end,
      ),
      missing,
    };
  });
  return shortages
    .filter(({ seconds, missing }) => seconds > 0 || missing > 0)
    .sort((one, other) => other.seconds - one.seconds || (one.owner < other.owner ? -1 : 1));
}

/** Kubelets tell whole seconds: what follows at once may seem to come before. */
function longestShortage(
  gone: readonly number[],
  come: readonly number[],
  isShortStill: boolean,
  end: number,
): number {
  const steps = [...gone.map((at) => ({ at, by: -1 })), ...come.map((at) => ({ at, by: 1 }))];
  let [balance, since, longest] = [0, 0, 0];
  for (const { at, by } of steps.sort((one, other) => one.at - other.at || other.by - one.by)) {
    if (balance < 0) longest = Math.max(longest, at - since);
    else since = at;
    balance += by;
    if (balance >= 0) since = at;
  }
  if (balance < 0 && isShortStill) longest = Math.max(longest, end - since);
  return Math.round(longest);
}

function readySince({ status }: Pod, end: number): number {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  return readTime(ready?.lastTransitionTime) ?? end;
}

function uidOf({ metadata }: Pod): string {
  return metadata?.uid ?? "";
}
