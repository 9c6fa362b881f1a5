// Which declaration of a drain policy counts: the roster's of this run, else the stack config's, else the state's.
import { expect, it } from "vitest";
import { operationOver } from "../../support/operation.ts";

const drain = { timeoutSeconds: 600, deleteEmptyDirData: false, force: false };
const inState = { drain: { ...drain, timeoutSeconds: 11 }, maxUnavailable: 3 };

const { declaration } = operationOver(
  {},
  {
    pools: [
      {
        name: "configured",
        drain: { timeoutSeconds: 20 },
        hosts: [
          { name: "w1", address: "192.0.2.1", state: "spare", drain: { force: true } },
          { name: "w2", address: "192.0.2.2" },
        ],
      },
      { name: "both", drain: { timeoutSeconds: 30 }, hosts: [] },
    ],
  },
);
const own = { ...drain, evictDaemonSetPods: true };
const both = { name: "both", drain, maxUnavailable: 2, hostDrains: { w3: own } };
declaration.hear({ members: [], pools: [both], lost: [] });

it.each([
  ["its host, as the config has it", "w1", "configured", { timeoutSeconds: 20, force: true }, 1],
  ["its pool, as the config has it", "w2", "configured", { timeoutSeconds: 20 }, 1],
  ["its pool, when its entry is gone", "w9", "configured", { timeoutSeconds: 20 }, 1],
  ["its host, as the roster has it", "w3", "both", { evictDaemonSetPods: true }, 2],
  ["its pool, as the roster has it", "w9", "both", {}, 2],
  ["its membership, when its pool is gone", "w9", "gone", { timeoutSeconds: 11 }, 3],
])("a node leaves by the policy of %s", (_whose, node, pool, more, maxUnavailable) => {
  expect(declaration.policyOf(node, pool, inState)).toEqual({ drain: { ...drain, ...more }, maxUnavailable });
});

it("the host of a removal that an earlier run has begun is given back with its hooks, when its pool is gone", () => {
  const hooks = { beforeReset: [{ name: "archive", command: "true", timeoutSeconds: 60 }] };
  const { declaration: later } = operationOver({});
  later.hear({ members: [], pools: [], lost: [] }, [{ node: "w1", pool: "gone", drain: own, hooks }]);
  expect(later.policyUsedFor("w1")).toEqual({ drain: own, maxUnavailable: 1, hooks });
  expect(later.policyUsedFor("w2")).toBeUndefined();
});
