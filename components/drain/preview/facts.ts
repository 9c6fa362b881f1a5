// What a preview may say about a change: each fact as data; here those about pods. Pure.
// Tools read these objects (docs/drain.md, "Facts of the preview"): fields may be added, never renamed or removed.
import type { Pod } from "../../kube/api.ts";
import type { DeclarationFact } from "../../model/declaration-fact.ts";
import type { HookPoint } from "../../model/hooks.ts";
import { ownerKey } from "../pod-filters.ts";

/** Pods of one owner, such as `shop/Deployment cart`. */
export interface OwnerCount {
  readonly owner: string;
  readonly pods: number;
}

/** The same with the owner's Ready pods, wherever they are. */
interface OwnerReadiness extends OwnerCount {
  readonly ready: number;
}

/** What is missing of one resource; cpu in thousandths, all else in the resource's own unit. */
export interface Shortage {
  readonly resource: string;
  /** Requested by the pods that found no place. */
  readonly asked: number;
  /** What the nodes that may take them have left, all together, once the others have their places. */
  readonly left: number;
}

/** Nodes on which the pods would have to find their places. */
interface Room {
  /** How many nodes stay, are schedulable and Ready. */
  readonly nodes: number;
  /** Members that join in the same change and whose size is unknown, so that they are not counted. */
  readonly joining: readonly string[];
}

interface Info {
  readonly severity: "info";
}

interface Warning {
  readonly severity: "warning";
}

interface OfPods {
  /** As `namespace/name`, sorted. */
  readonly pods: readonly string[];
}

interface OfOwners {
  /** Sorted by owner. */
  readonly owners: readonly OwnerCount[];
}

interface OfBudget {
  /** As `namespace/name`. */
  readonly budget: string;
  /** How many of the pods that leave need one of the budget's disruptions. */
  readonly evictions: number;
}

/** One fact about a change; `kind` says which, in the order in which they are told. */
export type DisruptionFact =
  | DeclarationFact
  | ({ readonly kind: "leaving"; readonly nodes: readonly string[] } & Info)
  | ({
      readonly kind: "lost";
      readonly nodes: readonly string[];
      /** Volumes that stay attached until Kubernetes gives the machines up. */
      readonly attachedVolumes: number;
    } & Warning)
  | ({
      readonly kind: "drained";
      readonly purpose: "maintenance" | "reboot" | "rejoin";
      readonly nodes: readonly string[];
    } & Info)
  | ({
      readonly kind: "taint-evicts";
      /** As `key=value:NoExecute`. */
      readonly taint: string;
      readonly nodes: readonly string[];
    } & OfOwners &
      Warning)
  | ({
      readonly kind: "unreachable";
      readonly nodes: readonly string[];
      /** Volumes that stay attached until the machines are proven off. */
      readonly attachedVolumes: number;
    } & Warning)
  | ({
      readonly kind: "hooks";
      readonly point: HookPoint;
      /** In the order in which they run. */
      readonly hooks: readonly string[];
      readonly nodes: readonly string[];
    } & Info)
  | ({
      readonly kind: "delete-hooks";
      readonly annotation: string;
      /** For whom is waited: the annotation's value. */
      readonly owner: string;
      readonly nodes: readonly string[];
    } & Warning)
  | ({ readonly kind: "moves" } & OfOwners & Info)
  | ({ readonly kind: "finished" } & OfPods & Info)
  | ({ readonly kind: "daemons-end" } & OfPods & Info)
  | ({ readonly kind: "awaited"; readonly reason: string } & OfPods & Info)
  | ({
      readonly kind: "waits-cut";
      readonly afterSeconds: number;
    } & OfPods &
      Warning)
  | ({ readonly kind: "labels-ignored" } & OfPods & Info)
  | ({ readonly kind: "refused"; readonly reason: string; readonly nodes: readonly string[] } & OfPods &
      Warning)
  | ({ readonly kind: "not-drained"; readonly reason: string } & OfPods & Warning)
  | ({ readonly kind: "not-drained-stays"; readonly reason: string } & OfPods & Info)
  | ({ readonly kind: "not-created-again" } & OfPods & Warning)
  | ({ readonly kind: "work-lost" } & OfOwners & Warning)
  | ({ readonly kind: "runner-ends" } & OfPods & Warning)
  | ({ readonly kind: "asks-to-stay"; readonly annotation: string } & OfPods & Warning)
  | ({
      readonly kind: "grace-exceeds-timeout";
      /** timeoutSeconds of the drain. */
      readonly seconds: number;
    } & OfPods &
      Warning)
  | ({
      readonly kind: "waits-for-pool";
      readonly pool: string;
      readonly maxUnavailable: number;
      /** Nodes of the pool that are down and stay in it. */
      readonly down: readonly string[];
      readonly nodes: readonly string[];
    } & Warning)
  | ({
      readonly kind: "replacements-awaited";
      /** Limit of the wait after each drain. */
      readonly seconds: number;
      readonly nodes: readonly string[];
      /** Sorted by owner; the owners that have Ready pods now. */
      readonly owners: readonly OwnerReadiness[];
    } & Info)
  | ({ readonly kind: "restarted" } & OfOwners & Info)
  | ({ readonly kind: "restarted-past-budgets" } & OfOwners & Warning)
  | ({
      readonly kind: "down";
      readonly owners: readonly string[];
      /** Those of them whose new pods an action restart would start first. */
      readonly restartable: readonly string[];
    } & Warning)
  | ({
      readonly kind: "budget-rounds";
      readonly allowed: number;
      readonly now: number;
      readonly rounds: number;
    } & OfBudget &
      Info)
  | ({
      readonly kind: "budget-exhausted";
      readonly needed: number;
      readonly healthy: number;
    } & OfBudget &
      Warning)
  | ({ readonly kind: "budget-not-counted" } & OfBudget & Warning)
  | ({ readonly kind: "budget-stranded"; readonly allowed: number } & OfBudget & OfPods & Warning)
  | ({
      readonly kind: "budget-hopeless";
      readonly reason: string;
      /** Owners of the pods that an action restart would move all the same. */
      readonly restartable: readonly string[];
    } & OfBudget &
      OfPods &
      Warning)
  | ({ readonly kind: "budgets-overlap"; readonly budgets: readonly string[] } & OfPods & Warning)
  | ({
      readonly kind: "budgets-bypassed";
      readonly afterSeconds: number;
      readonly nodes: readonly string[];
      readonly budgets: readonly string[];
    } & OfPods &
      Warning)
  | ({ readonly kind: "empty-dirs-lost" } & OfOwners & Warning)
  | ({ readonly kind: "ephemeral-volumes-lost" } & OfOwners & Warning)
  | ({ readonly kind: "host-paths-left" } & OfOwners & Warning)
  | ({ readonly kind: "local-volumes-left"; readonly volumes: readonly string[] } & OfPods & Warning)
  | ({
      readonly kind: "volumes-bound";
      readonly volumes: readonly string[];
      /** True when the nodes come back with the volumes; absent when they leave. */
      readonly returns?: true;
    } & OfPods &
      Warning)
  | ({ readonly kind: "no-node-accepts" } & OfPods & Room & Warning)
  | ({ readonly kind: "no-node-apart" } & OfPods & Room & Warning)
  | ({ readonly kind: "no-node-spread" } & OfPods & Room & Warning)
  | ({ readonly kind: "spread-waits" } & OfPods & Warning)
  | ({ readonly kind: "rules-not-checked" } & OfPods & Info)
  | ({ readonly kind: "no-room"; readonly shortages: readonly Shortage[] } & OfPods & Room & Warning)
  | ({ readonly kind: "fits"; readonly pods: number } & Room & Info)
  | ({
      readonly kind: "verified";
      /** As `name (what is looked at)`. */
      readonly checks: readonly string[];
      readonly withinSeconds: number;
    } & Info)
  | ({ readonly kind: "check-fails"; readonly check: string; readonly reason: string } & Warning)
  | ({ readonly kind: "check-not-tried"; readonly check: string; readonly reason: string } & Info)
  | ({ readonly kind: "unknown"; readonly what: string; readonly reason: string } & Warning);

/** Names a kind of fact. */
export type FactKind = DisruptionFact["kind"];

/** The fact of one kind. */
export type FactOf<Kind extends FactKind> = Extract<DisruptionFact, { readonly kind: Kind }>;

/** Tells whether an owner is a Deployment, whose rollout may start new pods first. */
export function isDeployment(owner: string): boolean {
  return /\/Deployment /.test(owner);
}

/** Counts pods by owner, sorted by owner. */
export function countByOwner(pods: readonly Pod[]): OwnerCount[] {
  const owners = Map.groupBy(pods, ownerKey);
  return [...owners]
    .map(([owner, group]) => ({ owner, pods: group.length }))
    .sort((one, other) => (one.owner < other.owner ? -1 : 1));
}
