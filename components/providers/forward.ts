// The provider code that Pulumi stores in state with each resource: short, constant text that forwards every call to
// `nodepools/provider`, which it resolves from the folder of the Pulumi program. A fix therefore reaches resources that
// are already in state, and code edits never show up as a change of a resource. Pure.

/** Names an implementation that `nodepools/provider` exports. */
export type ForwardedKind = "enrollment" | "membership" | "roster";

/** Returns the code for one resource type. */
export function forwarderText(kind: ForwardedKind): string {
  return text.replaceAll("<kind>", kind);
}

// To the last blank as Pulumi first serialised it (the blanks stand where types stood): with another text every resource
// in every state would change.
const text = `exports.handler = __f0;

var __provider = {configure: __f1, check: __f2, diff: __f3, create: __f4, read: __f5, update: __f6, delete: __f7};

function __f1(__0) {
  return (function() {
    with({ this: undefined, arguments: undefined }) {

return async function /*configure*/(request          ) {
      const { createRequire } = require("node:module");
      createRequire(\`\${process.cwd()}/\`)("nodepools/provider").configure(request.config);
    };

    }
  }).apply(undefined, undefined).apply(this, arguments);
}

function __f2(__0, __1) {
  return (function() {
    with({ kind: "<kind>", this: undefined, arguments: undefined }) {

return async function /*check*/(olds          , news          ) {
      const { createRequire } = require("node:module");
      return createRequire(\`\${process.cwd()}/\`)("nodepools/provider")[kind].check(olds, news);
    };

    }
  }).apply(undefined, undefined).apply(this, arguments);
}

function __f3(__0, __1, __2) {
  return (function() {
    with({ kind: "<kind>", this: undefined, arguments: undefined }) {

return async function /*diff*/(id        , olds          , news          ) {
      const { createRequire } = require("node:module");
      return createRequire(\`\${process.cwd()}/\`)("nodepools/provider")[kind].diff(id, olds, news);
    };

    }
  }).apply(undefined, undefined).apply(this, arguments);
}

function __f4(__0) {
  return (function() {
    with({ kind: "<kind>", this: undefined, arguments: undefined }) {

return async function /*create*/(inputs          ) {
      const { createRequire } = require("node:module");
      return createRequire(\`\${process.cwd()}/\`)("nodepools/provider")[kind].create(inputs);
    };

    }
  }).apply(undefined, undefined).apply(this, arguments);
}

function __f5(__0, __1) {
  return (function() {
    with({ kind: "<kind>", this: undefined, arguments: undefined }) {

return async function /*read*/(id        , props          ) {
      const { createRequire } = require("node:module");
      return createRequire(\`\${process.cwd()}/\`)("nodepools/provider")[kind].read(id, props);
    };

    }
  }).apply(undefined, undefined).apply(this, arguments);
}

function __f6(__0, __1, __2) {
  return (function() {
    with({ kind: "<kind>", this: undefined, arguments: undefined }) {

return async function /*update*/(id        , olds          , news          ) {
      const { createRequire } = require("node:module");
      return createRequire(\`\${process.cwd()}/\`)("nodepools/provider")[kind].update(id, olds, news);
    };

    }
  }).apply(undefined, undefined).apply(this, arguments);
}

function __f7(__0, __1) {
  return (function() {
    with({ kind: "<kind>", this: undefined, arguments: undefined }) {

return async function /*delete*/(id        , props          ) {
      const { createRequire } = require("node:module");
      return createRequire(\`\${process.cwd()}/\`)("nodepools/provider")[kind].delete(id, props);
    };

    }
  }).apply(undefined, undefined).apply(this, arguments);
}

function __f0() {
  return (function() {
    with({ provider: __provider, this: undefined, arguments: undefined }) {

return () => provider;

    }
  }).apply(undefined, undefined).apply(this, arguments);
}
`;
