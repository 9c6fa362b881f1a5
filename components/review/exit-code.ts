// How the command ends: codes below 20 are the Pulumi CLI's. Pure.
import { type ConcernKind, gravest, type Review } from "./review.ts";

/** Ends a command that made no review. */
export const noReview = 23;

/** Returns the code of the gravest verdict, or of a concern that is not accepted; `status` is how the preview ended. */
export function exitCodeOf(
  { stacks }: Review,
  status: number | undefined,
  failOn: readonly ConcernKind[],
): number {
  switch (gravest(stacks)) {
    case "refused":
      return 20;
    case "failed":
      return status || 1;
    case "will-fail":
      return 21;
    default:
      return stacks.some(({ concerns }) => concerns.some(({ kind }) => failOn.includes(kind))) ? 22 : 0;
  }
}
