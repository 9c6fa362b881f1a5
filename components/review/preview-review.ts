// What a preview tells about one stack, together with what its config tells: always a review, however the preview ended. Pure.
import type { DisruptionFact } from "../drain/preview/facts.ts";
import { oneLine } from "../model/foreign-text.ts";
import { asFound } from "../providers/roster/node-changes.ts";
import { compareFields } from "../settings/compare-fields.ts";
import { formatPath } from "../settings/problem.ts";
import { connectionChanges, settingsBetween } from "./compare.ts";
import { type Declared, noRoster, type Side } from "./declared.ts";
import { factConcerns } from "./fact-concerns.ts";
import { poolReviews } from "./pool-reviews.ts";
import { type PreviewFindings, readPreview } from "./preview-events.ts";
import { type Concern, type PoolReview, type StackReview, withVerdict } from "./review.ts";
import type { PreviewRun } from "./run-preview.ts";
import { hostSettingChanges, type SettingChange } from "./setting-changes.ts";

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
  const [cluster] = found.facts.flatMap((fact) => (fact.kind === "cluster" ? [fact] : []));
  return withVerdict({
    stack,
    ...(cluster && { cluster: { owner: cluster.owner, server: cluster.server, cas: cluster.cas } }),
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

const nothingTold =
  "pulumi preview ended well, and its event log tells nothing of the node pools: the program declares no Cluster, an option such as --target leaves its Roster out, or this Pulumi CLI writes its log differently";
const notSoFar = "the preview did not come as far as the nodes: they are shown as the config declares them";
const withoutBase =
  "settings, labels and taints are compared with the last up, and logins are not compared (give --base)";

function declaredIn(side: Side | undefined): Declared | undefined {
  return side?.kind === "declared" ? side.declared : undefined;
}

/** Prefers what the preview found in the state to what the config of before says, for nodes; the config, for settings. */
function changesOf(
  { rosters, facts }: PreviewFindings,
  before: Declared | undefined,
  after: Declared | undefined,
): Pick<StackReview, "pools" | "hosts" | "connection"> {
  const both = before && after;
  const settingsOf = both ? settingsBetween(before, after) : settingsInState(rosters, facts);
  const declared = after && { olds: (before ?? after).roster, news: after.roster };
  const found = rosters && { olds: rosters.olds ?? noRoster, news: rosters.news };
  const shown = found ?? declared;
  return {
    pools: shown ? poolReviews(shown, settingsOf).map((pool) => withFound(pool, facts)) : [],
    hosts: both ? hostSettingChanges(before.pools, after.pools) : [],
    connection: both ? connectionChanges(before, after) : [],
  };
}

function withFound(pool: PoolReview, facts: readonly DisruptionFact[]): PoolReview {
  return { ...pool, nodes: asFound(pool.nodes, facts) };
}

/** Without the config of before, what the state holds is compared: of pools how they drain and their limits, of nodes their metadata. */
function settingsInState(
  rosters: PreviewFindings["rosters"],
  facts: readonly DisruptionFact[],
): (name: string) => SettingChange[] {
  return (name) => {
    const find = (side: "olds" | "news") => rosters?.[side]?.pools.find((pool) => pool.name === name);
    return [...compareFields(find("olds"), find("news")), ...metadataOf(name, facts)];
  };
}

function metadataOf(pool: string, facts: readonly DisruptionFact[]): SettingChange[] {
  return facts.flatMap((fact) => {
    if (fact.kind !== "node-metadata" || fact.pool !== pool) return [];
    const { field, key, before, after, nodes } = fact;
    return [
      {
        field: formatPath([field, key]),
        ...(before !== undefined && { before }),
        ...(after !== undefined && { after }),
        hosts: nodes,
      },
    ];
  });
}

/** Says why it did not end well; a config that the program refuses is told problem by problem. */
function endConcerns({ status, tail }: PreviewRun, found: PreviewFindings, after: Side): Concern[] {
  const asFacts = new Set(
    found.facts.flatMap((fact) => (fact.kind === "change-refused" ? [fact.reason] : [])),
  );
  const others = found.refusals.filter((text) => !asFacts.has(text));
  const failed = (text: string): Concern => ({ kind: "failed", text });
  if (found.refusals.length > 0)
    return [...others.map((text): Concern => ({ kind: "refused", text })), ...found.errors.map(failed)];
  if (status === 0) return found.rosters ? [] : [{ kind: "failed", text: nothingTold }];
  if (after.kind === "wrong") return after.problems.map((text) => ({ kind: "refused", text }));
  if (found.errors.length > 0) return found.errors.map(failed);
  const how = status === undefined ? "was not run or did not end by itself" : `ended with ${status}`;
  return [failed(`pulumi preview ${how}: ${oneLine(tail.replaceAll(/\s*\n\s*/g, "; "), 1000)}`)];
}

function warnings({ warnings }: PreviewFindings): Concern[] {
  return warnings.map((text) => ({ kind: "other", text }));
}
