// What a preview says about budgets, exactly, over all nodes that leave.
import { describe, expect, it } from "vitest";
import type { Pod } from "../../../../components/kube/api.ts";
import { budget } from "../pods.ts";
import { cart, leaving, lines, node, podOn } from "./scenes.ts";

const allowing = (disruptionsAllowed: number, expectedPods = 9) =>
  budget(
    "web",
    { minAvailable: 1 },
    { disruptionsAllowed, expectedPods, desiredHealthy: 1, currentHealthy: 3 },
  );

const about = (pods: readonly Pod[], more: Parameters<typeof lines>[1]) =>
  lines(pods, more).filter((line) => /budget/i.test(line));

it("D-V30 says that 1 of 2 pods goes now and 1 waits, which two dry runs would not", () => {
  const pods = [podOn("w1", "cart-1", cart), podOn("w1", "cart-2", cart)];
  expect(about(pods, { budgets: [allowing(1, 2)] })).toEqual([
    "budget shop/web allows 1 of 2 evictions at once: 1 now, 1 waits, 2 rounds",
  ]);
});

it("counts the rounds over all leaving nodes", () => {
  const pods = [1, 2, 3, 4, 5, 6].map((n) => podOn(`w${(n % 3) + 1}`, `cart-${n}`, cart));
  const nodes = ["w1", "w2", "w3"].map((name) => leaving(name, {}, { maxUnavailable: 3 }));
  expect(about(pods, { disrupted: nodes, budgets: [allowing(1)] })).toEqual([
    "budget shop/web allows 1 of 6 evictions at once: 1 now, 5 wait, 6 rounds",
  ]);
  expect(about(pods, { disrupted: nodes, budgets: [allowing(4)] })).toEqual([
    "budget shop/web allows 4 of 6 evictions at once: 4 now, 2 wait, 2 rounds",
  ]);
});

it("counts one round for each node that maxUnavailable lets drain, however much the budget allows", () => {
  const pods = ["w1", "w2", "w3"].map((name) => podOn(name, `cart-${name}`, cart));
  const nodes = ["w1", "w2", "w3"].map((name) => leaving(name));
  expect(about(pods, { disrupted: nodes, budgets: [allowing(5)] })).toEqual([
    "budget shop/web allows 3 of 3 evictions at once: 1 now, 2 wait, 3 rounds",
  ]);
});

it("D-V29 says that an exhausted budget lets nothing go now, with its numbers", () => {
  const web = budget("web", { minAvailable: 2 }, { expectedPods: 3, desiredHealthy: 2, currentHealthy: 2 });
  expect(about([podOn("w1", "cart-1", cart)], { budgets: [web] })).toEqual([
    "budget shop/web allows none of 1 eviction now (needs 2 healthy, has 2): the drain waits for it",
  ]);
});

it("says of a budget that the cluster has not looked at yet that nothing is known of it", () => {
  const fresh = budget("web", { minAvailable: 2 }, { observedGeneration: 0 });
  expect(about([podOn("w1", "cart-1", cart)], { budgets: [fresh] })).toEqual([
    "budget shop/web is new or has changed, and the cluster has not counted its pods yet: what it allows of 1 eviction is not known",
  ]);
});

it("D-V03 D-B4 says which budget allows no eviction by itself, and that others may move its pods", () => {
  const pods = [podOn("w1", "cart-1", cart)];
  expect(about(pods, { budgets: [budget("web", { maxUnavailable: 0 })] })).toEqual([
    "budget shop/web allows no eviction and will not by itself, maxUnavailable is 0 (an operator may still move its pods): shop/cart-1; action restart in drain.rules starts new pods of shop/Deployment cart first",
  ]);
  const all = budget("web", { minAvailable: 3 }, { expectedPods: 3, desiredHealthy: 3, currentHealthy: 3 });
  expect(about(pods, { budgets: [all] })).toEqual([
    "budget shop/web allows no eviction and will not by itself, it needs 3 healthy pods and there are 3 (an operator may still move its pods): shop/cart-1; action restart in drain.rules starts new pods of shop/Deployment cart first",
  ]);
});

it("D-V04 says which budgets select the same pod, with both names", () => {
  const budgets = [allowing(5), budget("all", { selector: {} }, { disruptionsAllowed: 5, expectedPods: 9 })];
  expect(about([podOn("w1", "cart-1", cart)], { budgets })).toEqual([
    "no eviction is possible while several budgets (shop/all, shop/web) select: shop/cart-1",
  ]);
});

it("D-B3 says so of pods that are not Ready as well, of which no single budget would be charged", () => {
  const healthy = { disruptionsAllowed: 5, expectedPods: 9, desiredHealthy: 1, currentHealthy: 3 };
  const budgets = [allowing(5), budget("all", { selector: {} }, healthy)];
  const unready = { ...podOn("w1", "cart-1", cart), status: { phase: "Running" } };
  const pending = { ...podOn("w1", "cart-2", cart), status: { phase: "Pending" } };
  expect(about([unready, pending], { budgets })).toEqual([
    "no eviction is possible while several budgets (shop/all, shop/web) select: shop/cart-1",
  ]);
});

it("D-V06 D-V07 D-V08 leaves out pods that the server does not ask budgets about, and those that stay", () => {
  const pods = [
    podOn("w1", "a", { ...cart, phase: "Pending" }),
    podOn("w1", "b", { ...cart, phase: "Succeeded" }),
    podOn("w1", "c", { ...cart, deletedAt: 0 }),
    podOn("w1", "d", { owner: { kind: "DaemonSet" } }),
    podOn("w9", "e", cart),
  ];
  expect(about(pods, { budgets: [budget("web", { maxUnavailable: 0 })] })).toEqual([]);
});

it("D-V09 leaves out pods that are not Ready while enough others are healthy", () => {
  const unready = { ...podOn("w1", "cart-1", cart), status: { phase: "Running" } };
  expect(about([unready], { budgets: [allowing(0)] })).toEqual([]);
});

it("leaves out budgets of other namespaces", () => {
  const other = allowing(0);
  const budgets = [{ ...other, metadata: { ...other.metadata, namespace: "bank" } }];
  expect(about([podOn("w1", "cart-1", cart)], { budgets })).toEqual([]);
});

it("shouts that deletePods bypasses budgets, after how long, and which they are", () => {
  const pods = [podOn("w1", "cart-1", cart), podOn("w2", "cart-2", cart), podOn("w3", "cart-3", cart)];
  const forced = { onTimeout: "deletePods", timeoutSeconds: 600 } as const;
  const nodes = [leaving("w1"), leaving("w2", forced), leaving("w3", { ...forced, timeoutSeconds: 5 })];
  expect(about(pods, { disrupted: nodes, budgets: [budget("web", { maxUnavailable: 0 })] }).slice(1)).toEqual(
    [
      "BUDGETS WILL BE BYPASSED on w3 (drain.onTimeout is deletePods): pods that they still hold are deleted so as to be gone after 5 s; now shop/web, for shop/cart-3",
      "BUDGETS WILL BE BYPASSED on w2 (drain.onTimeout is deletePods): pods that they still hold are deleted so as to be gone after 600 s; now shop/web, for shop/cart-2",
    ],
  );
  expect(about([], { disrupted: [leaving("w2", forced)] })).toEqual([
    "BUDGETS WILL BE BYPASSED on w2 (drain.onTimeout is deletePods): pods that they still hold are deleted so as to be gone after 600 s",
  ]);
});

it("sorts budgets by name", () => {
  const pods = [podOn("w1", "z", { labels: { app: "z" } }), podOn("w1", "a", { labels: { app: "a" } })];
  const of = (name: string) => budget(name, { maxUnavailable: 0, selector: { matchLabels: { app: name } } });
  expect(about(pods, { budgets: [of("z"), of("a")] }).map((line) => line.split(" ")[1])).toEqual([
    "shop/a",
    "shop/z",
  ]);
});

describe("D-V33 a budget whose pods can start on no node that stays", () => {
  const pods = [podOn("w1", "cart-1", cart), podOn("w2", "cart-2", cart)];
  const both = [leaving("w1"), leaving("w2")];
  const workers = [node("w1"), node("w2")];
  const controlPlane = node("cp", { taints: [{ key: "control-plane", effect: "NoSchedule" }] });
  const say = (more: Parameters<typeof lines>[1]) =>
    about(pods, { disrupted: both, nodes: workers, budgets: [allowing(1)], ...more })[0];
  const stranded =
    "budget shop/web allows 1 of 2 evictions and then none, since no node that stays takes its pods: the drain will fail " +
    "unless they are scaled down, the budget is deleted or drain.onTimeout is deletePods: shop/cart-1, shop/cart-2";

  it.each<[string, Parameters<typeof lines>[1]]>([
    ["is told where all nodes leave", {}],
    ["is told where a control plane stays", { nodes: [...workers, controlPlane] }],
    ["is told where what stays is cordoned", { nodes: [...workers, node("w3", { unschedulable: true })] }],
    [
      "is told where some leave and some are drained",
      { disrupted: [leaving("w1"), leaving("w2", {}, { disruption: "maintenance" })] },
    ],
  ])("%s", (_name, more) => {
    expect(say(more)).toBe(stranded);
  });

  it.each<[string, Parameters<typeof lines>[1]]>([
    ["a node stays", { nodes: [...workers, node("w9")] }],
    ["one that is not Ready stays", { nodes: [...workers, node("w9", {}, { ready: "False" })] }],
    ["one joins", { joining: ["w9"] }],
    ["one comes back", { disrupted: [leaving("w1"), leaving("w2", {}, { disruption: "rejoin" })] }],
    ["the budget allows all at once", { budgets: [allowing(2)] }],
    [
      "budgets are bypassed in the end",
      { disrupted: ["w1", "w2"].map((name) => leaving(name, { onTimeout: "deletePods" })) },
    ],
  ])("is not told where %s", (_name, more) => {
    expect(say(more)).toMatch(/^budget shop\/web allows [12] of 2 evictions at once/);
  });
});
