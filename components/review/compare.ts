// What a change of a stack's config means, by the config before and after it alone: nothing is known of pods. Pure.
import { factText } from "../drain/preview/fact-text.ts";
import type { DisruptionFact } from "../drain/preview/facts.ts";
import { describeNodes } from "../drain/preview/whereabouts.ts";
import { listNames } from "../drain/report.ts";
import { addedTaints, type DisruptedMember, disruptions } from "../providers/roster/change.ts";
import { tooManyRejoins, tooManyRemovals, unwipedHosts } from "../providers/roster/checks.ts";
import type { RosterInputs } from "../providers/roster/state.ts";
import { compareFields } from "../settings/compare-fields.ts";
import type { Pool, PoolHost } from "../settings/pool.ts";
import type { Path } from "../settings/problem.ts";
import { type Declared, noRoster, type Side } from "./declared.ts";
import { factConcerns } from "./fact-concerns.ts";
import { poolReviews, type Rosters } from "./pool-reviews.ts";
import { type Concern, type StackReview, withVerdict } from "./review.ts";
import { hostSettingChanges, poolSettingChanges, type SettingChange } from "./setting-changes.ts";

const fromGit = "made from the config in Git: nothing is known of the cluster, its pods and its hosts";

/** Reviews the change of one stack. */
export function compareSides(stack: string, before: Side, after: Side): StackReview {
  const nothing = { stack, pools: [], hosts: [], connection: [], facts: [], notes: [fromGit] };
  if (after.kind === "wrong") return withVerdict({ ...nothing, concerns: after.problems.map(refused) });
  if (after.kind === "absent") {
    const text = `the config of stack "${stack}" is deleted: its nodes stay as they are, and nothing declares them any longer. To drain and reset them, run \`pulumi destroy\` before this change is merged`;
    return withVerdict({ ...nothing, concerns: [{ kind: "other", text }] });
  }
  if (before.kind === "wrong") {
    const text = `the config before the change has ${before.problems.length} problems, so that it cannot be told what changes: ${before.problems[0]}`;
    const { roster } = after.declared;
    const pools = poolReviews({ olds: roster, news: roster }, () => []);
    return withVerdict({ ...nothing, pools, concerns: [{ kind: "unknown", text }] });
  }
  return compareDeclared(stack, before.kind === "declared" ? before.declared : undefined, after.declared);
}

function compareDeclared(stack: string, before: Declared | undefined, after: Declared): StackReview {
  const rosters = rostersOf(before, after);
  const { olds, news } = rosters;
  const disrupted = disruptions(olds, news, []);
  const facts = describeNodes(
    disrupted.map(({ node, disruption }) => ({ nodeName: node, disruption, attachedVolumes: 0 })),
  );
  const concerns = [
    ...factConcerns(refusals(olds, news)),
    ...renamedHosts(before?.pools ?? [], after.pools),
    ...factConcerns(facts),
    ...drainConcerns(disrupted),
    ...taintConcerns(olds, news),
  ];
  return withVerdict({
    stack,
    concerns,
    pools: poolReviews(rosters, settingsBetween(before, after)),
    hosts: before ? hostSettingChanges(before.pools, after.pools) : [],
    connection: before ? connectionChanges(before, after) : [],
    facts,
    notes: [fromGit, ...(before ? [] : ["the stack is new: all of its nodes join"])],
  });
}

function refusals(olds: RosterInputs, news: RosterInputs): DisruptionFact[] {
  const all = [
    ...tooManyRejoins(olds, news),
    ...tooManyRemovals(olds, news),
    ...unwipedHosts(olds.lost ?? [], news),
  ];
  return all.map((refusal) => ({ kind: "change-refused", severity: "warning", ...refusal }));
}

function refused(text: string): Concern {
  return { kind: "refused", text };
}

/** A host's name is its Node's: under another name the machine would be two nodes. */
function renamedHosts(before: readonly Pool[], after: readonly Pool[]): Concern[] {
  const endpoint = ({ address, port }: PoolHost) => `${address} ${port}`;
  const hosts = (pools: readonly Pool[]) => pools.flatMap((pool) => pool.hosts);
  const listed = new Set(hosts(after).map(({ name }) => name));
  const former = new Map(hosts(before).map((host) => [endpoint(host), host.name]));
  return hosts(after).flatMap((host): Concern[] => {
    const name = former.get(endpoint(host));
    if (name === undefined || name === host.name || listed.has(name)) return [];
    const text = `host "${name}" at ${host.address} is renamed to "${host.name}", which is refused while the machine is a node: remove the entry in one run, add it in the next`;
    return [{ kind: "will-fail", text }];
  });
}

/** What the drain policies of these nodes give up, whichever pods are there. */
function drainConcerns(disrupted: readonly DisruptedMember[]): Concern[] {
  const drained = disrupted.filter(({ disruption }) => disruption !== "lost");
  const bypassed = Map.groupBy(
    drained.filter(({ drain }) => drain.onTimeout === "deletePods"),
    ({ drain }) => drain.timeoutSeconds,
  );
  const facts = [...bypassed].map(([afterSeconds, members]): DisruptionFact => {
    const nodes = members.map(({ node }) => node);
    return { kind: "budgets-bypassed", severity: "warning", afterSeconds, nodes, budgets: [], pods: [] };
  });
  const allowing = (field: "deleteEmptyDirData" | "force", kind: string): Concern[] => {
    const nodes = drained.filter(({ drain }) => drain[field]).map(({ node }) => node);
    if (nodes.length === 0) return [];
    return [{ kind: "data-loss", text: `${kind} (drain.${field}): ${listNames(nodes)}`, names: nodes }];
  };
  return [
    ...allowing("deleteEmptyDirData", "emptyDir data of the pods there is lost"),
    ...allowing("force", "pods without a controller there are gone for good"),
    ...facts.map((fact): Concern => ({ kind: "past-budgets", text: factText(fact) })),
  ];
}

function taintConcerns(olds: RosterInputs, news: RosterInputs): Concern[] {
  const taints = Map.groupBy(addedTaints(olds, news), ({ taint: { key, value = "" } }) => `${key}=${value}`);
  return [...taints].map(([taint, group]) => {
    const names = group.map(({ nodeName }) => nodeName);
    const text = `new taint ${taint}:NoExecute evicts the pods that do not tolerate it, regardless of budgets: ${listNames(names)}`;
    return { kind: "past-budgets", text, names };
  });
}

function rostersOf(before: Declared | undefined, after: Declared): Rosters {
  return { olds: before?.roster ?? noRoster, news: after.roster };
}

/** Tells which settings of a pool differ between two configs. */
export function settingsBetween(before: Declared | undefined, after: Declared) {
  const find = (side: Declared | undefined, name: string) => side?.pools.find((pool) => pool.name === name);
  return (name: string): SettingChange[] => {
    const [old, now] = [find(before, name), find(after, name)];
    return old && now ? poolSettingChanges(old, now) : [];
  };
}

const secretFields: ReadonlySet<PropertyKey> = new Set([
  "kubeconfig",
  "privateKeyFile",
  "privateKey",
  "privateKeyPassphrase",
  "password",
]);

/** Lists what differs in `cluster` and `ssh`. */
export function connectionChanges({ raw: before }: Declared, { raw: after }: Declared): SettingChange[] {
  const isHidden = (path: Path) => path.some((segment) => secretFields.has(segment));
  const part = ({ cluster, ssh }: Declared["raw"]) => ({ cluster, ssh });
  return compareFields(part(before), part(after), isHidden);
}
