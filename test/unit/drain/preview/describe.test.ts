// The whole of a preview: its order, its documentation, and what it costs in a large cluster.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { describeDisruption } from "../../../../components/drain/preview/describe.ts";
import {
  declarationKinds,
  factKinds,
  factLines,
  factText,
} from "../../../../components/drain/preview/fact-text.ts";
import type { Pod } from "../../../../components/kube/api.ts";
import { budget } from "../pods.ts";
import {
  apart,
  asking,
  cart,
  claiming,
  db,
  leaving,
  node,
  now,
  onlyOn,
  podOn,
  scene,
  volume,
} from "./scenes.ts";

const gapingRollout = {
  ...{ name: "shop", revision: "1" },
  deployment: {
    ...{ uid: "d", replicas: 4, selector: "app=shop", isEnding: false },
    rollout: { version: "1", isObserved: true, isPaused: false, surge: 1, unavailable: 1 },
  },
};

const held = {
  ...node("w2"),
  metadata: {
    name: "w2",
    annotations: { "pre-drain.delete.hook.machine.cluster.x-k8s.io/backup": "the backups" },
  },
};

/** A removal about which there is something to say of every kind. */
function eventfulScene() {
  const everything = {
    waitForReplacements: true,
    force: true,
    deleteEmptyDirData: true,
    evictDaemonSetPods: true,
    onTimeout: "deletePods",
  } as const;
  const hostPath = { volumes: [{ name: "v", hostPath: { path: "/srv" } }] };
  const evenly = (topologyKey: string, app: string) => {
    const spread = { maxSkew: 1, topologyKey, labelSelector: { matchLabels: { app } } };
    return { topologySpreadConstraints: [{ ...spread, whenUnsatisfiable: "DoNotSchedule" }] };
  };
  const working = podOn("w4", "job-1", { labels: { app: "job" } }, { restartPolicy: "Never" });
  const pods = [
    podOn("w1", "cart-1", { ...cart, emptyDir: "disk" }),
    podOn("w1", "cart-2", { ...cart, phase: "Succeeded" }),
    podOn("w1", "cart-3", { ...cart, deletedAt: now }),
    podOn("w1", "agent-1", { owner: { kind: "DaemonSet", name: "agent" }, labels: {} }),
    podOn("w1", "skipped", { labels: { "nodepools.local/drain": "skip" } }),
    podOn("w1", "bare", { owner: "none", labels: {} }, hostPath),
    podOn("w2", "naked", { owner: "none", labels: {} }),
    podOn("w1", "report", { labels: { "nodepools.local/drain": "wait-completed" } }),
    podOn("w6", "vetoing", { labels: { "nodepools.local/drain": "skip" } }),
    podOn("w4", "left", { labels: { "nodepools.local/drain": "skip" } }),
    podOn("w9", "chased", { labels: {} }),
    podOn("w1", "db-0", db, claiming("data")),
    podOn("w1", "scratch-1", { labels: { app: "once" } }, { volumes: [{ name: "s", ephemeral: {} }] }),
    podOn("w1", "held", { labels: { app: "held" } }, { nodeSelector: { disk: "ssd" } }),
    podOn("w1", "shut", { labels: { app: "shut" } }, asking({ cpu: "100" })),
    podOn("w1", "tally", { labels: { app: "tally" } }),
    { ...working, metadata: { ...working.metadata, annotations: { "karpenter.sh/do-not-evict": "true" } } },
    podOn("w4", "lone-0", { labels: { app: "lone", "nodepools.local/drain": "skip" } }),
    podOn("w9", "lone-1", { labels: { app: "lone" } }, apart("lone")),
    podOn(
      "w1",
      "lone-2",
      { labels: { app: "lone" } },
      {
        affinity: {
          ...apart("lone").affinity,
          podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone" }] },
        },
      },
    ),
    podOn("w1", "zoned", { labels: { app: "zoned" } }, evenly("zone", "zoned")),
    podOn("w1", "late-0", { labels: { app: "late" } }, evenly("rank", "late")),
    podOn("w9", "late-1", { labels: { app: "late" } }, evenly("rank", "late")),
    podOn("w4", "slow", { labels: { app: "slow" }, grace: 3600 }),
    podOn("w2", "shop-1", {
      labels: { app: "shop" },
      owner: { kind: "ReplicaSet", name: "shop-1", uid: "shop" },
    }),
  ];
  const ranked = (name: string) => node(name, {}, { labels: { rank: name } });
  const nodes = [ranked("w1"), ...["w3", "w4", "w6"].map((name) => node(name)), held, ranked("w9")];
  const selecting = (app: string) => ({ selector: { matchLabels: { app } } });
  const allowing = { disruptionsAllowed: 1, expectedPods: 5, desiredHealthy: 1 };
  return scene(pods, {
    disrupted: [
      leaving(
        "w2",
        { rules: [{ name: "first", action: "restart", pods: "app=shop" }] },
        { hooks: { beforeDrain: [{ name: "backup", command: "true", timeoutSeconds: 60 }] } },
      ),
      leaving("w1", everything, { unreachable: true }),
      leaving("w3", {}, { disruption: "lost" }),
      leaving("w4", {}, { disruption: "reboot" }),
      leaving("w6", { podLabels: "ignore" }),
    ],
    nodes,
    addedTaints: [{ nodeName: "w9", taint: { key: "new", effect: "NoExecute" } }],
    joining: ["w5"],
    down: new Map([["workers", ["w8"]]]),
    runner: "uid-of-slow",
    volumes: [volume("pv", "data", { ...onlyOn("w1"), local: { path: "/mnt" } })],
    budgets: [
      budget("db-a", selecting("db"), allowing),
      budget("db-b", selecting("db"), allowing),
      budget("web", { minAvailable: 1 }, allowing),
      budget("held", { maxUnavailable: 0, ...selecting("held") }),
      budget("shut", selecting("shut")),
      budget("tally", selecting("tally"), { observedGeneration: 0 }),
    ],
    rolloutOf: ({ metadata }) => (metadata?.name === "shop-1" ? gapingRollout : undefined),
    unknown: [{ what: "something", reason: "listing it: forbidden (403)" }],
  });
}

it("tells facts of all kinds, in their fixed order", () => {
  const facts = describeDisruption(eventfulScene());
  // Nothing is stranded where a member joins; checks are looked at by others.
  const others = ["budget-stranded", "verified", "check-fails", "check-not-tried"];
  const possible = factKinds.filter((kind) => !others.includes(kind) && !declarationKinds.has(kind));
  expect([...new Set(facts.map(({ kind }) => kind))]).toEqual(possible);
});

it("says the same whatever the order in which the server lists", () => {
  const before = eventfulScene();
  const { disrupted: nodes, pods, budgets, nodes: all } = before;
  const after = {
    ...before,
    disrupted: nodes.toReversed(),
    pods: pods.toReversed(),
    budgets: budgets.toReversed(),
    nodes: all.toReversed(),
  };
  expect(describeDisruption(after)).toEqual(describeDisruption(before));
});

it("says each fact in one line of few names", () => {
  for (const fact of describeDisruption(eventfulScene())) {
    expect(factText(fact)).not.toContain("\n");
    expect(factText(fact).length, factText(fact)).toBeLessThan(250);
  }
});

it("has a row in docs/drain.md for each kind, with its severity and its fields", () => {
  const text = readFileSync(join(import.meta.dirname, "../../../../docs/drain.md"), "utf8");
  const rows = text.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  for (const fact of describeDisruption(eventfulScene())) {
    const { kind, severity, ...fields } = fact;
    const row = rows.find((cells) => cells[1] === `\`${kind}\``);
    const named = [...(row?.[3] ?? "").matchAll(/`(\w+)`/g)].map(([, name]) => name);
    expect([kind, row?.[2], named.sort()]).toEqual([kind, severity, Object.keys(fields).sort()]);
  }
});

it("says the first five facts of a kind and counts the rest, the slowest budgets first", () => {
  const apps = ["a", "b", "c", "d", "e", "f", "g"];
  const pods = apps.flatMap((app, rank) =>
    Array.from({ length: rank + 1 }, (_, i) => podOn("w1", `${app}-${i}`, { labels: { app } })),
  );
  const budgets = apps.map((app) =>
    budget(app, { selector: { matchLabels: { app } } }, { disruptionsAllowed: 1, expectedPods: 9 }),
  );
  const told = factLines(describeDisruption(scene(pods, { budgets })));
  expect(told.filter(({ text }) => text.includes("budget")).map(({ text }) => text.slice(0, 35))).toEqual([
    "budget shop/g allows 1 of 7 evictio",
    "budget shop/f allows 1 of 6 evictio",
    "budget shop/e allows 1 of 5 evictio",
    "budget shop/d allows 1 of 4 evictio",
    "budget shop/c allows 1 of 3 evictio",
    "2 more of budget-rounds; NODEPOOLS_",
  ]);
});

/** 15 pods on each of the leaving nodes, 18 on each of as many staying ones; counts how often pods are looked at. */
function largeScene(nodes: number) {
  let looks = 0;
  const counted = (pod: Pod): Pod =>
    new Proxy(pod, {
      get: (target, field) => {
        looks++;
        return Reflect.get(target, field);
      },
    });
  const names = (prefix: string) => Array.from({ length: nodes }, (_, i) => `${prefix}${i}`);
  const fill = (names: readonly string[], perNode: number) =>
    names.flatMap((name, n) =>
      Array.from({ length: perNode }, (_, i) => {
        const app = `app-${(n * perNode + i) % 60}`;
        const traits = { owner: { kind: "ReplicaSet", name: app }, labels: { app } };
        return counted(podOn(name, `${app}-${name}-${i}`, traits, asking({ cpu: "200m", memory: "256Mi" })));
      }),
    );
  const apps = Array.from({ length: 60 }, (_, i) => `app-${i}`);
  const [going, staying] = [names("a"), names("b")];
  const allowing = { disruptionsAllowed: 2, expectedPods: 40, desiredHealthy: 38, currentHealthy: 40 };
  const room = { allocatable: { cpu: "8", memory: "32Gi", pods: "110" } };
  return {
    looks: () => looks,
    scene: scene([...fill(going, 15), ...fill(staying, 18)], {
      disrupted: going.map((name) => leaving(name, {}, { maxUnavailable: 10 })),
      nodes: [...going, ...staying].map((name) => node(name, {}, room)),
      budgets: apps.map((app) =>
        budget(app, { maxUnavailable: "5%", selector: { matchLabels: { app } } }, allowing),
      ),
    }),
  };
}

it("looks at each pod as often in a cluster of 4,950 pods, of which 2,250 leave, as in a tenth of it", () => {
  const [small, large] = [largeScene(15), largeScene(150)];
  const facts = describeDisruption(large.scene);
  describeDisruption(small.scene);
  expect(facts.find(({ kind }) => kind === "fits")).toMatchObject({ pods: 2250, nodes: 150 });
  expect(facts.filter(({ kind }) => kind === "budget-rounds")).toHaveLength(60);
  const [perPod, perPodOfSmall] = [large, small].map((one) => one.looks() / one.scene.pods.length);
  expect(perPod).toBeLessThan((perPodOfSmall ?? 0) * 1.01);
  expect(perPod).toBeLessThan(120);
});
