// What a preview says of work that is lost, of pods that ask to stay or end late, and of drains that wait for their pool.
import { expect, it } from "vitest";
import { describeDisruption } from "../../../../components/drain/preview/describe.ts";
import type { FactKind } from "../../../../components/drain/preview/facts.ts";
import { cart, leaving, lines, podOn, scene } from "./scenes.ts";

type More = Parameters<typeof scene>[1];
const factsOf = (kind: FactKind, pods: Parameters<typeof scene>[0], more: More = {}) =>
  describeDisruption(scene(pods, more)).filter((fact) => fact.kind === kind);

it("D-B1 warns of work that is lost, whoever keeps it: what runs to an end is never started elsewhere as it was", () => {
  const job = { owner: { kind: "Job", apiVersion: "batch/v1", name: "migrate" } };
  const spark = { owner: { kind: "Pod", apiVersion: "v1", name: "driver" } };
  const pods = [
    podOn("w1", "migrate-1", job, { restartPolicy: "Never" }),
    podOn("w1", "exec-1", spark, { restartPolicy: "OnFailure" }),
    podOn("w1", "done-1", { ...job, phase: "Succeeded" }, { restartPolicy: "Never" }),
    podOn("w1", "cart-1", cart, { restartPolicy: "Always" }),
  ];
  expect(factsOf("work-lost", pods)).toEqual([
    {
      ...{ kind: "work-lost", severity: "warning" },
      owners: [
        { owner: "shop/Job migrate", pods: 1 },
        { owner: "shop/Pod driver", pods: 1 },
      ],
    },
  ]);
  const rules = [{ name: "jobs", pods: "app=web", action: "waitCompleted" as const }];
  expect(factsOf("work-lost", pods, { disrupted: [leaving("w1", { rules })] })).toEqual([]);
});

it("J-A14 warns when the pod that the program runs in would be evicted, and no other of its name", () => {
  const pods = [podOn("w1", "runner-1", cart), podOn("w1", "cart-1", cart)];
  expect(factsOf("runner-ends", pods, { runner: "uid-of-runner-1" })).toEqual([
    { kind: "runner-ends", severity: "warning", pods: ["shop/runner-1"] },
  ]);
  for (const runner of [undefined, "uid-of-another", "shop/runner-1"])
    expect(factsOf("runner-ends", pods, { runner })).toEqual([]);
});

it("D-B1 tells which evicted pods ask to stay, in the spellings of both autoscalers", () => {
  const asking = (name: string, annotations: Record<string, string>) => {
    const made = podOn("w1", name, cart);
    return { ...made, metadata: { ...made.metadata, annotations } };
  };
  const pods = [
    asking("a", { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" }),
    asking("b", { "karpenter.sh/do-not-disrupt": "true" }),
    asking("c", { "karpenter.sh/do-not-evict": "true" }),
    asking("d", {
      "cluster-autoscaler.kubernetes.io/safe-to-evict": "true",
      "karpenter.sh/do-not-disrupt": "no",
    }),
  ];
  expect(lines(pods).filter((line) => line.includes("ask to stay"))).toEqual([
    'evicted although they ask to stay by annotation cluster-autoscaler.kubernetes.io/safe-to-evict: "false" (drain.podAnnotations: honour waits for them): shop/a',
    'evicted although they ask to stay by annotation karpenter.sh/do-not-disrupt: "true" (drain.podAnnotations: honour waits for them): shop/b',
    'evicted although they ask to stay by annotation karpenter.sh/do-not-evict: "true" (drain.podAnnotations: honour waits for them): shop/c',
  ]);
});

it("D-B5 warns of pods whose grace is longer than the drain may take", () => {
  const pods = [podOn("w1", "queue-0", { ...cart, grace: 604_800 }), podOn("w1", "cart-1", cart)];
  expect(factsOf("grace-exceeds-timeout", pods)).toEqual([
    { kind: "grace-exceeds-timeout", severity: "warning", seconds: 60, pods: ["shop/queue-0"] },
  ]);
  for (const policy of [{ gracePeriodSeconds: 30 }, { onTimeout: "deletePods" as const }])
    expect(factsOf("grace-exceeds-timeout", pods, { disrupted: [leaving("w1", policy)] })).toEqual([]);
});

it("D-B9 warns of drains that wait for nodes of their pool that are down, but not of those of nodes that are down themselves", () => {
  const down = new Map([["workers", ["w2"]]]);
  const [fact] = factsOf("waits-for-pool", [], { down });
  expect(fact).toEqual({
    ...{ kind: "waits-for-pool", severity: "warning", pool: "workers", maxUnavailable: 1 },
    ...{ down: ["w2"], nodes: ["w1"] },
  });
  expect(
    lines([], { down }).some((line) => line.includes("the drain of w1 will wait, and fail in the end")),
  ).toBe(true);
  expect(
    factsOf("waits-for-pool", [], { down, disrupted: [leaving("w1", {}, { maxUnavailable: 2 })] }),
  ).toEqual([]);
  expect(
    factsOf("waits-for-pool", [], { down, disrupted: [leaving("w2", {}, { disruption: "reboot" })] }),
  ).toEqual([]);
  expect(
    factsOf("waits-for-pool", [], { down, disrupted: [leaving("w1", {}, { disruption: "lost" })] }),
  ).toEqual([]);
});
