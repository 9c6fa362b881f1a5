// Which changes limits.refuseKnownFailures refuses.
import { describe, expect, it } from "vitest";
import type { Pod } from "../../../components/kube/api.ts";
import { explainFailures, knownFailures } from "../../../components/providers/roster/known-failures.ts";
import { operationOver } from "../../support/operation.ts";
import { rosterInputs } from "../../support/provider-inputs.ts";
import { budget } from "../drain/pods.ts";
import { leaving, node, podOn, scene } from "../drain/preview/scenes.ts";

const strict = new Set(["workers"]);
const bare = podOn("w1", "bare", { owner: "none", labels: {} });
const held = podOn("w1", "held", { labels: { app: "held" } });
const never = budget("never", { maxUnavailable: 0, selector: { matchLabels: { app: "held" } } });

describe("limits.refuseKnownFailures", () => {
  it("refuses a drain that will be refused, with what allows it", () => {
    expect(explainFailures(scene([bare]), strict)).toEqual([
      {
        reason:
          'pool "workers": known to fail: the drain of w1 will be refused for pods without a controller (drain.force allows it): shop/bare. Mend that first, or take limits.refuseKnownFailures away for this run',
        rule: "limits.refuseKnownFailures",
        pool: "workers",
        nodes: ["w1"],
        yaml: "limits: { refuseKnownFailures: false }",
      },
    ]);
  });

  it("refuses budgets that can never allow it, but not where pods are deleted at the limit", () => {
    const refused = (policy: object) =>
      explainFailures(scene([held], { budgets: [never], disrupted: [leaving("w1", policy)] }), strict);
    expect(refused({}).map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^pool "workers": known to fail: budget shop\/never allows no eviction/),
    ]);
    expect(refused({ onTimeout: "deletePods" })).toEqual([]);
  });

  it("counts the pods of its own pool alone, and refuses nothing that may still end well", () => {
    const others = [leaving("w1", {}, { pool: "batch" })];
    expect(explainFailures(scene([bare], { disrupted: others }), strict)).toEqual([]);
    const waiting = budget("now", { minAvailable: 1 }, { disruptionsAllowed: 0, expectedPods: 3 });
    expect(explainFailures(scene([held], { budgets: [waiting] }), strict)).toEqual([]);
  });
});

describe("before a change", () => {
  const pods = async (): Promise<Pod[]> => [bare];
  const kube = {
    listNodes: async () => [node("w1"), node("w2")],
    listPods: pods,
    listBudgets: async () => [],
  };
  const { pools } = rosterInputs([]);
  const limited = (limits: object) => pools.map((pool) => ({ ...pool, limits }));
  const refuse = (limits: object, replaced: object = {}) =>
    knownFailures(
      operationOver({ ...kube, ...replaced }),
      rosterInputs(["w1", "w2"]),
      rosterInputs(["w2"], { pools: limited(limits) }),
    );

  it("nothing is asked where no pool has the option", async () => {
    const never = () => Promise.reject(new Error("asked"));
    expect(await refuse({ maxRemovals: 1 }, { listPods: never })).toEqual([]);
    expect(await refuse({ refuseKnownFailures: false }, { listPods: never })).toEqual([]);
  });

  it("the cluster is asked where one has, and a change of which nothing can be known is refused", async () => {
    expect(await refuse({ refuseKnownFailures: true })).toHaveLength(1);
    const failing = () => Promise.reject(new Error("listing pods: forbidden (403)"));
    expect(await refuse({ refuseKnownFailures: true }, { listPods: failing })).toEqual([
      {
        reason: "limits.refuseKnownFailures cannot be checked: listing pods: forbidden (403)",
        rule: "limits.refuseKnownFailures",
      },
    ]);
  });
});
