// What the serialised provider objects load as `nodepools/provider`: today's implementation of every resource type.
export { configure } from "./connections.ts";
export { enrollment } from "./enrollment/enrollment.ts";
export { membership } from "./membership/membership.ts";
export { roster } from "./roster/roster-calls.ts";
