// The provider objects that Pulumi serialises into state: short, constant text that forwards to today's implementation.
// A fix therefore reaches resources that are already in state, and code edits never show up as a change of a resource.
import type * as pulumi from "@pulumi/pulumi";

/** Names an implementation that `nodepools/provider` exports. */
type Kind = "enrollment" | "membership" | "roster";

// biome-ignore lint/suspicious/noExplicitAny: the text is serialised before any type of the implementation exists.
type Anything = any;

declare const require: Anything;

/**
 * Makes the provider object of one resource type. Its methods use nothing but `kind`, `require` and `process`:
 * whatever else they named would be copied into state (pulumi's closure/createClosure.ts). The package is resolved
 * from the folder of the Pulumi program, because serialised code has no folder of its own.
 */
function forwardTo(kind: Kind): pulumi.dynamic.ResourceProvider & { configure: Anything } {
  return {
    async configure(request: Anything) {
      const { createRequire } = require("node:module");
      createRequire(`${process.cwd()}/`)("nodepools/provider").configure(request.config);
    },
    async check(olds: Anything, news: Anything) {
      const { createRequire } = require("node:module");
      return createRequire(`${process.cwd()}/`)("nodepools/provider")[kind].check(olds, news);
    },
    async diff(id: string, olds: Anything, news: Anything) {
      const { createRequire } = require("node:module");
      return createRequire(`${process.cwd()}/`)("nodepools/provider")[kind].diff(id, olds, news);
    },
    async create(inputs: Anything) {
      const { createRequire } = require("node:module");
      return createRequire(`${process.cwd()}/`)("nodepools/provider")[kind].create(inputs);
    },
    async read(id: string, props: Anything) {
      const { createRequire } = require("node:module");
      return createRequire(`${process.cwd()}/`)("nodepools/provider")[kind].read(id, props);
    },
    async update(id: string, olds: Anything, news: Anything) {
      const { createRequire } = require("node:module");
      return createRequire(`${process.cwd()}/`)("nodepools/provider")[kind].update(id, olds, news);
    },
    async delete(id: string, props: Anything) {
      const { createRequire } = require("node:module");
      return createRequire(`${process.cwd()}/`)("nodepools/provider")[kind].delete(id, props);
    },
  };
}

/** Forwards a HostEnrollment's calls. */
export const enrollmentForwarder = forwardTo("enrollment");

/** Forwards a NodeMembership's calls. */
export const membershipForwarder = forwardTo("membership");

/** Forwards a Roster's calls. */
export const rosterForwarder = forwardTo("roster");
