// What the serialised provider objects load as `nodepools/provider`: today's implementation of every resource type.
import { flushCompileCache } from "node:module";
import { wholeMessage } from "../model/foreign-text.ts";
import { withQuietErrors } from "../pulumi-internals/quiet-errors.ts";
import { heapGrowth, keepHeapSmall } from "../pulumi-internals/small-heap.ts";
import { mapOnlyFramesOfTheProgram } from "../pulumi-internals/stack-traces.ts";
import { enrollmentCalls } from "./enrollment/enrollment-calls.ts";
import { membershipCalls } from "./membership/membership-calls.ts";
import { configure, currentOperation } from "./operation.ts";
import { rosterCalls } from "./roster/roster-calls.ts";

keepHeapSmall(heapGrowth.provider);
// Else the first error has all of this file read anew, for a map that it does not have.
mapOnlyFramesOfTheProgram();

// Of stacks of earlier releases, whose code calls it by itself.
export { configure };

/** What Pulumi calls first, without waiting for its end. */
const first = {
  configure: async ({ config }: { config: Parameters<typeof configure>[0] }) => configure(config),
};

/** Implements HostEnrollment. */
export const enrollment = {
  ...first,
  ...withQuietErrors(enrollmentCalls(currentOperation), wholeMessage),
};

/** Implements NodeMembership. */
export const membership = {
  ...first,
  ...withQuietErrors(membershipCalls(currentOperation), wholeMessage),
};

/** Implements Roster. */
export const roster = { ...first, ...withQuietErrors(rosterCalls(currentOperation), wholeMessage) };

// The engine kills its plugins: what Node compiled would not be kept for the next run (NODE_COMPILE_CACHE).
flushCompileCache();
