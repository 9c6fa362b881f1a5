// What the serialised provider objects load as `nodepools/provider`: today's implementation of every resource type.
import { flushCompileCache } from "node:module";
import { withQuietErrors } from "../pulumi-internals/quiet-errors.ts";
import { enrollmentCalls } from "./enrollment/enrollment-calls.ts";
import { membershipCalls } from "./membership/membership-calls.ts";
import { rosterCalls } from "./roster/roster-calls.ts";

export { configure } from "./connections.ts";

/** Implements HostEnrollment. */
export const enrollment = withQuietErrors(enrollmentCalls);

/** Implements NodeMembership. */
export const membership = withQuietErrors(membershipCalls);

/** Implements Roster. */
export const roster = withQuietErrors(rosterCalls);

// The engine kills its plugins: what Node compiled would not be kept for the next run (NODE_COMPILE_CACHE).
flushCompileCache();
