// The shapes that the parts of the join benchmark hand to each other.

/** The ways to join that are compared. */
export type SideName = "ours" | "by hand";

/** When the stages of a run ended, in seconds since it began. */
export interface Stages {
  /** The first host could be worked on: the engine and the program had started, or the token was printed. */
  readonly started: number;
  /** The last `kubeadm join` was over. */
  readonly joined: number;
  /** The last node was known to be Ready, and to take pods: its not-ready taints were gone. */
  readonly ready: number;
}

/** What the machine was like while something was measured. */
export interface Conditions {
  /** Load average of the last minute, before it began; what was done to prepare it counts as well. */
  readonly load: number;
  /** Processor time that the side, the hosts and the control plane spent, in seconds. */
  readonly ownSeconds: number;
  /** Processor time that everything else on the machine spent meanwhile: with much of it, the times mean little. */
  readonly otherSeconds: number;
}

/** One run of one side, from no node to all Ready. */
export interface JoinRun extends Conditions {
  readonly side: SideName;
  readonly round: number;
  readonly hosts: number;
  readonly seconds: number;
  readonly stages: Stages;
  /** How long each step took on one host, in seconds, the middle of all hosts; only ours has steps. */
  readonly steps?: Readonly<Record<string, number>>;
}

/** An operation on a stack whose hosts have joined before. */
export interface LaterRun extends Conditions {
  readonly what: string;
  readonly seconds: number;
  /** SSH logins on the hosts that nothing was declared for. */
  readonly loginsElsewhere: number;
}
