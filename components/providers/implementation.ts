// What the serialised provider objects load as `nodepools/provider`: today's implementation of every resource type.
import { flushCompileCache } from "node:module";
import { wholeMessage } from "../model/foreign-text.ts";
import { withQuietErrors } from "../pulumi-internals/quiet-errors.ts";
import { enrollmentCalls } from "./enrollment/enrollment-calls.ts";
import { membershipCalls } from "./membership/membership-calls.ts";
import { currentOperation } from "./operation.ts";
import { rosterCalls } from "./roster/roster-calls.ts";

export { configure } from "./operation.ts";

/** Implements HostEnrollment. */
export const enrollment = withQuietErrors(enrollmentCalls(currentOperation), wholeMessage);

/** Implements NodeMembership. */
export const membership = withQuietErrors(membershipCalls(currentOperation), wholeMessage);

/** Implements Roster. */
export const roster = withQuietErrors(rosterCalls(currentOperation), wholeMessage);

// The engine kills its plugins: what Node compiled would not be kept for the next run (NODE_COMPILE_CACHE).
flushCompileCache();
