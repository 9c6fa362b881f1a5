// Whether the pods that move fit on what stays, and what a preview says of it.
import { expect, it } from "vitest";
import type { Pod } from "../../../../components/kube/api.ts";
import { asking, cart, leaving, lines, node, podOn } from "./scenes.ts";

const about = (pods: readonly Pod[], more: Parameters<typeof lines>[1] = {}) =>
  lines(pods, more).filter((line) => /room|place/.test(line));
const carts = (n: number, requests: Record<string, string>) =>
  Array.from({ length: n }, (_, i) => podOn("w1", `cart-${i}`, cart, asking(requests)));

it("says that all fit, and on how many nodes", () => {
  expect(about(carts(4, { cpu: "1" }))).toEqual([
    "room by requests for 4 pods on the 1 node that stays and takes pods",
  ]);
});

it("D-P12 says which pods do not fit, and per resource how much is missing", () => {
  expect(about(carts(6, { cpu: "1", memory: "1Gi" }))).toEqual([
    "no room by requests for 2 pods on the 1 node that stays and takes pods: shop/cart-4, shop/cart-5; missing cpu 2 (2 asked, 0 left)",
    "room by requests for 4 pods on the 1 node that stays and takes pods",
  ]);
  expect(about(carts(2, { cpu: "3", memory: "6Gi", "example.com/gpu": "1" }))).toEqual([
    "no room by requests for 2 pods on the 1 node that stays and takes pods: shop/cart-0, shop/cart-1; missing cpu 2 (6 asked, 4 left), missing example.com/gpu 2 (2 asked, 0 left), missing memory 4Gi (12Gi asked, 8Gi left)",
  ]);
});

it("counts what runs on the staying nodes already, but not finished pods", () => {
  const present = podOn("w9", "old", {}, asking({ cpu: "3" }));
  const finished = podOn("w9", "done", { phase: "Succeeded" }, asking({ cpu: "1" }));
  expect(about([...carts(2, { cpu: "1" }), present, finished])).toEqual([
    "no room by requests for 1 pod on the 1 node that stays and takes pods: shop/cart-1; missing cpu 1 (1 asked, 0 left)",
    "room by requests for 1 pod on the 1 node that stays and takes pods",
  ]);
});

it("counts the number of pods that a node takes", () => {
  const nodes = [node("w1"), node("w9", {}, { allocatable: { pods: "1" } })];
  expect(about(carts(2, {}), { nodes })[0]).toBe(
    "no room by requests for 1 pod on the 1 node that stays and takes pods: shop/cart-1; missing pods 1 (1 asked, 0 left)",
  );
});

it("says when enough is left in all, but nowhere in one piece", () => {
  const nodes = ["w1", "w8", "w9"].map((name) => node(name));
  expect(about(carts(3, { cpu: "2500m" }), { nodes })[0]).toBe(
    "no room by requests for 1 pod on the 2 nodes that stay and take pods: shop/cart-2; cpu: 2500m asked, 3 left, in parts too small",
  );
});

it("places the largest first, so that small ones fill the gaps", () => {
  const nodes = [node("w1"), node("w8"), node("w9")];
  const large = { owner: { kind: "StatefulSet", name: "large" } };
  const pods = [
    ...carts(2, { cpu: "1" }),
    podOn("w1", "large-0", large, asking({ cpu: "3" })),
    podOn("w1", "large-1", large, asking({ cpu: "3" })),
  ];
  expect(about(pods, { nodes })).toEqual([
    "room by requests for 4 pods on the 2 nodes that stay and take pods",
  ]);
});

it("does not count nodes that leave, are cordoned or are not Ready, nor members that join", () => {
  const nodes = [
    node("w1"),
    node("w2"),
    node("w3", { unschedulable: true }),
    node("w4", {}, { ready: "False" }),
  ];
  const more = { nodes, disrupted: [leaving("w1"), leaving("w2")], joining: ["w6", "w5"] };
  expect(about(carts(1, {}), more)).toEqual([
    "no place for 1 pod, by taints, nodeSelector, node affinity or volumes, on the 0 nodes that stay and take pods, not counting w5, w6 that join: shop/cart-0",
  ]);
});

it("says which pods no node accepts, and places the others", () => {
  const picky = podOn("w1", "picky", cart, { nodeSelector: { disk: "ssd" } });
  expect(about([picky, ...carts(1, {})])).toEqual([
    "no place for 1 pod, by taints, nodeSelector, node affinity or volumes, on the 1 node that stays and takes pods: shop/picky",
    "room by requests for 1 pod on the 1 node that stays and takes pods",
  ]);
});

it("looks for no room for pods that nobody creates again", () => {
  const bare = podOn("w1", "bare", { owner: "none" }, asking({ cpu: "100" }));
  expect(about([bare], { disrupted: [leaving("w1", { force: true })] })).toEqual([]);
});

it("names the same pods in whatever order the server lists them", () => {
  const stateful = podOn("w1", "a-first", { owner: { kind: "StatefulSet" } }, asking({ memory: "2Gi" }));
  const pods = [stateful, ...carts(5, { cpu: "1", memory: "1Gi" })];
  expect(about(pods.toReversed())).toEqual(about(pods));
});
