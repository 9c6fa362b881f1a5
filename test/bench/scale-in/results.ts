// The shapes that the parts of the scale-in benchmark hand to each other.
import type { Served } from "../../support/traffic.ts";
import type { Conditions } from "../join/results.ts";

/** The ways to take nodes out that are compared. */
export type SideName = "ours, waiting" | "ours" | "by hand";

/** One run of one side: three of six nodes leave. */
export interface ScaleInRun extends Conditions {
  readonly side: SideName;
  readonly round: number;
  /** From the first command to the end of the last. */
  readonly seconds: number;
  /** What the client saw until every application had all its pods again. */
  readonly served: readonly Served[];
}
