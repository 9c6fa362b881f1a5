// What a preview says of nodes that do not leave but are drained, and of those that are given up.
import { describe, expect, it } from "vitest";
import { budget } from "../pods.ts";
import { asking, cart, claiming, db, leaving, lines, node, now, onlyOn, podOn, volume } from "./scenes.ts";

const maintained = leaving("w1", {}, { disruption: "maintenance" });
const rebooted = leaving("w1", {}, { disruption: "reboot" });
const lost = leaving("w1", {}, { disruption: "lost", unreachable: true, attachedVolumes: 2 });

it("tells nodes that leave, are lost, are maintained and are rebooted apart", () => {
  const nodes = [
    leaving("w4"),
    leaving("w3", {}, { disruption: "reboot" }),
    leaving("w5", {}, { disruption: "rejoin" }),
    leaving("w2", {}, { disruption: "lost", attachedVolumes: 1 }),
    maintained,
  ];
  expect(lines([], { disrupted: nodes })).toEqual([
    "1 node leaves: w4",
    "1 node is lost and removed at once: w2; budgets are not checked, and 1 volume stays attached for 6 minutes",
    "1 node is drained for maintenance: w1",
    "1 node is drained and rebooted: w3",
    "1 node is drained, reset and joined again: w5",
    "no pods move",
  ]);
});

describe("a node that comes back", () => {
  it("keeps the pods that are not drained", () => {
    const pods = [podOn("w1", "skipped", { labels: { "nodepools.local/drain": "skip" } })];
    expect(lines(pods, { disrupted: [rebooted] }).slice(2)).toEqual([
      "stay on their node: pods skipped by label nodepools.local/drain: shop/skipped",
    ]);
  });

  it("ends them where its host is reset on the way", () => {
    const pods = [podOn("w1", "skipped", { labels: { "nodepools.local/drain": "skip" } })];
    const rejoined = leaving("w1", {}, { disruption: "rejoin" });
    expect(lines(pods, { disrupted: [rejoined] }).slice(2)).toEqual([
      "not drained, stopped with their host: pods skipped by label nodepools.local/drain: shop/skipped",
    ]);
  });

  it("brings its volumes back", () => {
    const volumes = [volume("pv", "data", onlyOn("w1"))];
    const told = lines([podOn("w1", "db-0", db, claiming("data"))], { disrupted: [maintained], volumes });
    expect(told.at(-1)).toBe("cannot run until their node is back: shop/db-0: bound to it by shop/data (pv)");
  });
});

describe.each(["reboot", "rejoin"] as const)("nodes that %s", (disruption) => {
  const big = (name: string) => podOn(name, `cart-${name}`, cart, asking({ cpu: "3" }));
  const room = (maxUnavailable: number) => {
    const nodes = ["w1", "w2", "w3"].map((name) => leaving(name, {}, { disruption, maxUnavailable }));
    const all = [
      ...["w1", "w2", "w3"].map((name) => node(name)),
      node("w9", {}, { allocatable: { cpu: "3" } }),
    ];
    return lines(["w1", "w2", "w3"].map(big), { disrupted: nodes, nodes: all }).filter((line) =>
      /room/.test(line),
    );
  };

  it("have room as their pool takes turns: the others take pods meanwhile", () => {
    expect(room(1)).toEqual(["room by requests for 1 pod on the 3 nodes that stay and take pods"]);
  });

  it("have no room when too many take their turn at once", () => {
    expect(room(2)[0]).toBe(
      "no room by requests for 1 pod on the 2 nodes that stay and take pods: shop/cart-w2; missing cpu 2 (3 asked, 1 left)",
    );
  });
});

describe("a lost node", () => {
  it("is asked nothing: no refusal, no budget, no wait", () => {
    const pods = [
      podOn("w1", "bare", { owner: "none" }),
      podOn("w1", "cart-1", { ...cart, emptyDir: "disk" }),
      podOn("w1", "cart-2", { ...cart, deletedAt: now - 60 }),
      podOn("w1", "agent", { owner: { kind: "DaemonSet" } }),
    ];
    const budgets = [budget("web", { maxUnavailable: 0 })];
    expect(lines(pods, { disrupted: [lost], budgets }).slice(1)).toEqual([
      "1 pod moves: shop/Deployment cart 1",
      "gone for good, no controller creates them again: shop/bare",
      "emptyDir data is lost: shop/Deployment cart 1",
      "room by requests for 1 pod on the 1 node that stays and takes pods",
    ]);
  });

  it("bypasses nothing loudly, because nothing is drained", () => {
    const node = { ...lost, policy: { ...lost.policy, onTimeout: "deletePods" as const } };
    expect(lines([], { disrupted: [node] }).slice(1)).toEqual(["no pods move"]);
  });
});
