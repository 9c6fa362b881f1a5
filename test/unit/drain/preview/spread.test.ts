// Pods that must be spread evenly over hosts or zones, where some of these leave.
import { describe, expect, it } from "vitest";
import type { Pod } from "../../../../components/kube/api.ts";
import { cart, leaving, lines, node, podOn } from "./scenes.ts";

type Rule = NonNullable<NonNullable<Pod["spec"]>["topologySpreadConstraints"]>[number];

const hostname = "kubernetes.io/hostname";
const spread = (more: Partial<Rule> = {}): Partial<Pod["spec"] & object> => ({
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: hostname,
      whenUnsatisfiable: "DoNotSchedule",
      labelSelector: { matchLabels: { app: "web" } },
      ...more,
    },
  ],
});
const nodes = (...names: string[]) => names.map((name) => node(name, {}, { labels: { [hostname]: name } }));
const zoned = (name: string, zone: string) => node(name, {}, { labels: { zone, [hostname]: name } });
const web = (on: string, name: string, more: Partial<Rule> = {}) => podOn(on, name, cart, spread(more));
const told = (pods: readonly Pod[], scene: Parameters<typeof lines>[1]) =>
  lines(pods, scene).filter((line) => /spread|no room|room by/.test(line));

const evenly = /^no node is left for 1 pod that must be spread evenly/;
const waits = /^start elsewhere only once the nodes that leave are deleted/;

describe("D-B6 spread by hostname", () => {
  it("has a pod wait for the deletion of its node, which counts as empty while it is cordoned", () => {
    const pods = [web("w1", "a"), web("w8", "b"), web("w9", "c")];
    const said = told(pods, { nodes: nodes("w1", "w8", "w9") });
    expect(said).toEqual([
      expect.stringMatching(waits),
      "room by requests for 1 pod on the 2 nodes that stay and take pods",
    ]);
    expect(said[0]).toMatch(/: shop\/a$/);
  });

  it("does not where taints are honoured, where the skew has room, or where it only is a wish", () => {
    for (const more of [
      { nodeTaintsPolicy: "Honor" },
      { maxSkew: 2 },
      { whenUnsatisfiable: "ScheduleAnyway" },
    ]) {
      const pods = [web("w1", "a", more), web("w8", "b", more), web("w9", "c", more)];
      expect(told(pods, { nodes: nodes("w1", "w8", "w9") })).toEqual([
        "room by requests for 1 pod on the 2 nodes that stay and take pods",
      ]);
    }
  });

  it("waits until a node that is maintained takes pods again", () => {
    const disrupted = [leaving("w1", {}, { disruption: "maintenance" })];
    const pods = [web("w1", "a"), web("w8", "b"), web("w9", "c")];
    expect(told(pods, { nodes: nodes("w1", "w8", "w9"), disrupted })).toEqual([
      expect.stringMatching(evenly),
    ]);
  });

  it("lets a pod wait for its node where only a node without its label, or one that the pod may not use, is left", () => {
    const unlabelled = [...nodes("w1"), node("w9")];
    expect(told([web("w1", "a")], { nodes: unlabelled })).toEqual([expect.stringMatching(evenly)]);
  });
});

describe("D-B6 spread by zone", () => {
  const zones = [zoned("w1", "a"), zoned("w2", "a"), zoned("w8", "b"), zoned("w9", "b")];

  it("is fine where another node of the zone stays", () => {
    const pods = ["w1", "w2", "w8", "w9"].map((name) => web(name, `on-${name}`, { topologyKey: "zone" }));
    expect(told(pods, { nodes: zones })).toEqual([
      "room by requests for 1 pod on the 3 nodes that stay and take pods",
    ]);
  });

  it("leaves no node where a whole zone goes and the spread wants two", () => {
    const disrupted = [leaving("w1"), leaving("w2")];
    const pods = ["w1", "w8"].map((name) => web(name, `on-${name}`, { topologyKey: "zone", minDomains: 2 }));
    expect(told(pods, { nodes: zones, disrupted })).toEqual([expect.stringMatching(evenly)]);
  });

  it("goes on with one zone where none is wanted, once the nodes are deleted", () => {
    const disrupted = [leaving("w1"), leaving("w2")];
    const pods = ["w1", "w8"].map((name) => web(name, `on-${name}`, { topologyKey: "zone" }));
    expect(told(pods, { nodes: zones, disrupted })).toEqual([
      expect.stringMatching(waits),
      "room by requests for 1 pod on the 2 nodes that stay and take pods",
    ]);
  });

  it("counts the pods of one rollout only, where the constraint names the label", () => {
    const former = podOn("w8", "former", { ...cart, labels: { app: "web", "pod-template-hash": "old" } });
    const byHash = { matchLabelKeys: ["pod-template-hash"] };
    const scene = { nodes: nodes("w1", "w8") };
    expect(told([web("w1", "a", { ...byHash, nodeTaintsPolicy: "Honor" }), former], scene)).toEqual([
      "room by requests for 1 pod on the 1 node that stays and takes pods",
    ]);
    const two = [...nodes("w1", "w8"), zoned("w9", "b")];
    expect(
      told([web("w1", "a", { nodeTaintsPolicy: "Honor", nodeAffinityPolicy: "Ignore" }), former], {
        nodes: two,
      }),
    ).toEqual(["room by requests for 1 pod on the 2 nodes that stay and take pods"]);
  });
});

it("D-B6 says no room, not spread, where the nodes that it allows are full", () => {
  const full = node("w9", {}, { labels: { [hostname]: "w9" }, allocatable: { pods: "1" } });
  const pods = [web("w1", "a", { nodeTaintsPolicy: "Honor" }), podOn("w9", "other")];
  expect(told(pods, { nodes: [...nodes("w1"), full] })[0]).toMatch(/^no room by requests for 1 pod/);
});
