// What Roster.diff tells of a removal, by the real provider process and on a real API server.
import { PatchStrategy, setHeaderOptions, type V1PodSpec } from "@kubernetes/client-node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { rosterInputs } from "../../support/provider-inputs.ts";
import { about, type Removal, startRemoval } from "./removal.ts";

const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

let api: ApiServer;
let removal: Removal;

beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

// A process of its own for each test: a provider serves one list of Nodes for a while.
beforeEach(async () => {
  removal = await startRemoval(api);
});
afterEach(() => removal[Symbol.asyncDispose]());

function asking(requests: Record<string, string>): Partial<V1PodSpec> {
  return { containers: [{ name: "main", image: "none", resources: { requests } }] };
}

describe("budgets", () => {
  it("D-V30 says that one of two pods goes now and one waits", async () => {
    await removal.createPod("cart-0");
    await removal.createPod("cart-1");
    await removal.leaving.createBudget(
      "web",
      { maxUnavailable: 1 },
      { disruptionsAllowed: 1, expectedPods: 2, desiredHealthy: 1, currentHealthy: 2 },
    );
    expect(about(await removal.preview(), /budget/)).toEqual([
      "info: budget shop/web allows 1 of 2 evictions at once: 1 now, 1 waits, 2 rounds",
    ]);
  });

  it("D-V29 reports an exhausted budget and returns", async () => {
    await removal.createPod("cart-0");
    const numbers = { disruptionsAllowed: 0, expectedPods: 3, desiredHealthy: 2, currentHealthy: 2 };
    await removal.leaving.createBudget("web", { minAvailable: 2 }, numbers);
    expect(about(await removal.preview(), /budget/)).toEqual([
      "warning: budget shop/web allows none of 1 eviction now (needs 2 healthy, has 2): the drain waits for it",
    ]);
  });

  it("D-V03 D-V04 tells which budgets can never allow it, alone or because two select a pod", async () => {
    await removal.createPod("cart-0");
    await removal.createPod("db-0", {}, { app: "db" });
    const open = { disruptionsAllowed: 5, expectedPods: 9, desiredHealthy: 1, currentHealthy: 9 };
    const selecting = (app: string) => ({ selector: { matchLabels: { app } } });
    await removal.leaving.createBudget("never", { maxUnavailable: 0, ...selecting("web") }, {});
    await removal.leaving.createBudget("one", { minAvailable: 1, ...selecting("db") }, open);
    await removal.leaving.createBudget("two", { minAvailable: 1, ...selecting("db") }, open);
    expect(about(await removal.preview({ onTimeout: "deletePods" }), /budget/i)).toEqual([
      "warning: budget shop/never allows no eviction and will not by itself, maxUnavailable is 0 (an operator may still move its pods): shop/cart-0",
      "warning: no eviction is possible while several budgets (shop/one, shop/two) select: shop/db-0",
      "warning: BUDGETS WILL BE BYPASSED on node-shop (drain.onTimeout is deletePods): pods that they still hold are deleted so as to be gone after 10 s; now shop/never, shop/one, shop/two, for shop/cart-0, shop/db-0",
    ]);
  });
});

it("J-37 names the owners of the pods that a new taint of effect NoExecute evicts", async () => {
  await removal.createPod("cart-0");
  await removal.createPod("db-0", { tolerations: [{ operator: "Exists" }] });
  const olds = rosterInputs([removal.leaving.nodeName, removal.staying.nodeName]);
  const noExecute = [{ key: "dedicated", value: "batch", effect: "NoExecute" as const }];
  const members = olds.members.map((member) => ({ ...member, noExecute }));
  await removal.diff(olds, { ...olds, members });
  expect(removal.told()).toEqual([
    "warning: new taint dedicated=batch:NoExecute on node-shop evicts 1 pod regardless of budgets: shop/StatefulSet cart 1",
  ]);
});

describe("room", () => {
  it("D-P12 sums per resource what is missing on what stays, not counting what joins", async () => {
    await removal.createPod("cart-0", asking({ cpu: "3", memory: "1Gi" }));
    await removal.createPod("cart-1", asking({ cpu: "3", memory: "1Gi" }));
    await removal.createPod("gpu-0", { nodeSelector: { gpu: "yes" } });
    expect(about(await removal.preview({}, ["w4", "w5"]), /room|place/)).toEqual([
      "warning: no place for 1 pod, by taints, nodeSelector, node affinity or volumes, on the 1 node that stays and takes pods, not counting w4, w5 that join: shop/gpu-0",
      "warning: no room by requests for 1 pod on the 1 node that stays and takes pods, not counting w4, w5 that join: shop/cart-1; missing cpu 2 (3 asked, 1 left)",
      "info: room by requests for 1 pod on the 1 node that stays and takes pods, not counting w4, w5 that join",
    ]);
  });

  it("reads volumes only for pods with claims, and names those that do not move", async () => {
    const { core, namespace, nodeName } = removal.leaving;
    const terms = [{ matchFields: [{ key: "metadata.name", operator: "In", values: [nodeName] }] }];
    const spec = {
      accessModes: ["ReadWriteOnce"],
      capacity: { storage: "1Gi" },
      claimRef: { namespace, name: "data-db-0" },
      nodeAffinity: { required: { nodeSelectorTerms: terms } },
      local: { path: "/mnt" },
    };
    const name = `pv-${namespace}`;
    await core.createPersistentVolume({ body: { metadata: { name }, spec } });
    await core.patchPersistentVolumeStatus({ name, body: { status: { phase: "Bound" } } }, mergePatch);
    await removal.createPod("db-0", {
      volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data-db-0" } }],
    });
    expect(about(await removal.preview(), /volume|elsewhere|room/)).toEqual([
      "warning: local volumes do not move: shop/data-db-0 (pv-shop)",
      "warning: cannot run elsewhere: shop/db-0: bound to leaving nodes by shop/data-db-0 (pv-shop)",
    ]);
    expect(removal.proxy.count("GET", "/persistentvolumes")).toBe(1);
    await core.deletePersistentVolume({ name });
  });
});
