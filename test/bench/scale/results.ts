// The shapes that the parts of the scale benchmark hand to each other.

/** What is measured: a program, and what it does. */
export type CaseName =
  | "ours: preview, no change"
  | "bare: preview, no change"
  | "ours: preview, 30 removals"
  | "ours: up, one more node";

/** The parts of a run that use the processor and memory. */
export const parts = ["program", "providers", "engine"] as const;

/** Names a part. */
export type PartName = (typeof parts)[number];

/** What one run of the CLI cost. */
export interface RunCost {
  /** Processor time, user and system, in seconds. */
  readonly cpu: Readonly<Record<PartName, number>>;
  /** Peak memory of the part's largest process, in bytes (VmHWM). */
  readonly memory: Readonly<Record<PartName, number>>;
  /** Largest sum over all processes at one time, in bytes (Pss: what they share counts once). */
  readonly memoryOfAll: number;
  /** Wall time in seconds. */
  readonly seconds: number;
}

/** One measured run. */
export interface ScaleRun extends RunCost {
  readonly case: CaseName;
  readonly nodes: number;
  readonly round: number;
  /** Requests that the API server answered meanwhile. */
  readonly requests: number;
  /** Bytes of its answers. */
  readonly answerBytes: number;
  /** SSH logins on all hosts. */
  readonly logins: number;
}

/** The state of a stack with so many nodes. */
export interface StateSize {
  readonly nodes: number;
  /** Bytes of the file in a folder backend, with secrets encrypted. */
  readonly bytes: number;
}
