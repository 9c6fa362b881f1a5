// What a change means for the declaration and its nodes, beside what it means for pods: each fact as data. Pure.
// Tools read these objects (docs/drain.md, "Facts of the preview"): fields may be added, never renamed or removed.

/** Metadata that a pool and its hosts declare for Nodes. */
export type MetadataField = "labels" | "annotations" | "taints";

interface Info {
  readonly severity: "info";
}

interface Warning {
  readonly severity: "warning";
}

/** Another value; absent before or after means that it is not declared there. */
interface Changed {
  readonly before?: string;
  readonly after?: string;
}

/** An owned key of a Node that does not show what is declared, although the declaration is the same as before. */
export interface DriftFact {
  readonly kind: "drift";
  /** A taint of effect NoExecute is a warning: set back, it evicts what does not tolerate it. */
  readonly severity: "info" | "warning";
  readonly node: string;
  readonly field: MetadataField | "pool" | "schedulable";
  /** Key of the label, annotation or taint (`key:effect`); absent for other fields. */
  readonly key?: string;
  readonly declared: string;
  /** What the Node shows, bounded; absent when it shows nothing. */
  readonly found?: string;
}

/** Labels, annotations or taints of nodes that stay, folded over the nodes of a pool. */
export interface MetadataFact extends Info, Changed {
  readonly kind: "node-metadata";
  readonly pool: string;
  readonly field: MetadataField;
  /** Key of the label or annotation; of a taint `key:effect`. */
  readonly key: string;
  readonly nodes: readonly string[];
}

/** Why a change as a whole is refused, and what allows it. */
export interface Refusal {
  /** The sentence that the preview fails with. */
  readonly reason: string;
  /** The option that refuses it, as `limits.maxRemovals`; absent where no option decides. */
  readonly rule?: string;
  readonly pool?: string;
  readonly nodes?: readonly string[];
  /** What the change asks for and what is allowed, in nodes. */
  readonly asked?: number;
  readonly allowed?: number;
  /** The line of YAML in the pool that allows it; absent where none does. */
  readonly yaml?: string;
}

/** A change that is refused at preview. */
export interface RefusalFact extends Refusal, Warning {
  readonly kind: "change-refused";
}

/** One fact about the declaration. */
export type DeclarationFact =
  | ({
      readonly kind: "cluster";
      /** Stack that owns the nodes, as `organization/project/stack`. */
      readonly owner: string;
      /** URL of the API server, without a login. */
      readonly server: string;
      /** `sha256:` pins of the CAs that the kubeconfig trusts; empty when it trusts the system's. */
      readonly cas: readonly string[];
    } & Info)
  | ({ readonly kind: "joining"; readonly pool: string; readonly nodes: readonly string[] } & Info)
  | ({ readonly kind: "rejoins-vanished"; readonly nodes: readonly string[] } & Warning)
  | ({
      readonly kind: "changes-pool";
      readonly from: string;
      readonly to: string;
      readonly nodes: readonly string[];
    } & Info)
  | ({
      readonly kind: "cordoned" | "uncordoned";
      readonly nodes: readonly string[];
    } & Info)
  | ({ readonly kind: "pool-setting"; readonly pool: string; readonly field: string } & Changed & Info)
  | MetadataFact
  | DriftFact
  | RefusalFact;
