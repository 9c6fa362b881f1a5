// What a preview tells about one stack, together with what its config tells: always a review, however the preview ended. Pure.
import { oneLine } from "../model/foreign-text.ts";
import { connectionChanges, settingsBetween } from "./compare.ts";
import { type Declared, noRoster, type Side } from "./declared.ts";
import { factConcerns } from "./fact-concerns.ts";
import { poolReviews } from "./pool-reviews.ts";
import { type PreviewFindings, readPreview } from "./preview-events.ts";
import { type Concern, type StackReview, withVerdict } from "./review.ts";
import type { PreviewRun } from "./run-preview.ts";
import { compareFields, hostSettingChanges, type SettingChange } from "./setting-changes.ts";

/** A preview and what surrounds it. */
export interface Previewed {
  readonly stack: string;
  readonly run: PreviewRun;
  /** The config before the change; undefined when no commit was named. */
  readonly before: Side | undefined;
  /** The config that was previewed. */
  readonly after: Side;
  /** When it ended, in milliseconds since 1970. */
  readonly at: number;
}

/** Reviews what was previewed. */
export function reviewPreview({ stack, run, before, after, at }: Previewed): StackReview {
  const found = readPreview(run.log);
  return withVerdict({
    stack,
    concerns: [...endConcerns(run, found, after), ...factConcerns(found.facts), ...warnings(found)],
    ...changesOf(found, declaredIn(before), declaredIn(after)),
    facts: found.facts,
    notes: [
      `previewed on ${new Date(at)
        .toISOString()
        .replace("T", " at ")
        .replace(/:\d\d\.\d+Z/, " UTC")}`,
      ...(found.rosters ? [] : [notSoFar]),
      ...(before ? [] : [withoutBase]),
    ],
  });
}

const notSoFar = "the preview did not come as far as the nodes: they are shown as the config declares them";
const withoutBase =
  "settings are compared with the last up, and labels, taints and logins are not compared (give --base)";

function declaredIn(side: Side | undefined): Declared | undefined {
  return side?.kind === "declared" ? side.declared : undefined;
}

/** Prefers what the preview found in the state to what the config of before says, for nodes; the config, for settings. */
function changesOf(
  { rosters }: PreviewFindings,
  before: Declared | undefined,
  after: Declared | undefined,
): Pick<StackReview, "pools" | "hosts" | "connection"> {
  const both = before && after;
  const settingsOf = both ? settingsBetween(before, after) : settingsInState(rosters);
  const declared = after && { olds: (before ?? after).roster, news: after.roster };
  const found = rosters && { olds: rosters.olds ?? noRoster, news: rosters.news };
  const shown = found ?? declared;
  return {
    pools: shown ? poolReviews(shown, settingsOf) : [],
    hosts: both ? hostSettingChanges(before.pools, after.pools) : [],
    connection: both ? connectionChanges(before, after) : [],
  };
}

/** Without the config of before, what the state holds of the pools is compared: how they drain, and their limits. */
function settingsInState(rosters: PreviewFindings["rosters"]): (name: string) => SettingChange[] {
  return (name) => {
    const find = (side: "olds" | "news") => rosters?.[side]?.pools.find((pool) => pool.name === name);
    return compareFields(find("olds"), find("news"));
  };
}

/** Says why it did not end well; a config that the program refuses is told problem by problem. */
function endConcerns({ status, tail }: PreviewRun, found: PreviewFindings, after: Side): Concern[] {
  if (found.refusals.length > 0) return found.refusals.map((text) => ({ kind: "refused", text }));
  if (status === 0) return [];
  if (after.kind === "wrong") return after.problems.map((text) => ({ kind: "refused", text }));
  const failed = (text: string): Concern => ({ kind: "failed", text });
  if (found.errors.length > 0) return found.errors.map(failed);
  const how = status === undefined ? "was not run or did not end by itself" : `ended with ${status}`;
  return [failed(`pulumi preview ${how}: ${oneLine(tail.replaceAll(/\s*\n\s*/g, "; "), 1000)}`)];
}

function warnings({ warnings }: PreviewFindings): Concern[] {
  return warnings.map((text) => ({ kind: "other", text }));
}
