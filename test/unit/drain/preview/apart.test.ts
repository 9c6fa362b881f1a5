// Pods that must not share a node, and what of such rules is not looked at.
import { expect, it } from "vitest";
import { apart, cart, leaving, lines, node, podOn } from "./scenes.ts";

const room = (all: readonly string[]) => all.filter((line) => /room|no node|not looked/.test(line));
const db = (name: string, nodeName: string) =>
  podOn(nodeName, name, { labels: { app: "db", "statefulset.kubernetes.io/pod-name": name } }, apart("db"));

it("D-B6 says that no node is left where each that stays has such a pod already", () => {
  const nodes = ["w1", "w8", "w9"].map((name) => node(name));
  const pods = [db("db-0", "w1"), db("db-1", "w8"), db("db-2", "w9"), podOn("w1", "cart-1", cart)];
  expect(room(lines(pods, { nodes }))).toEqual([
    "no node is left for 1 pod that must not share one with others (pod anti-affinity) on the 2 nodes that stay and take pods: shop/db-0",
    "room by requests for 1 pod on the 2 nodes that stay and take pods",
  ]);
});

it("D-B6 places one of them on each node that has none", () => {
  const nodes = ["w1", "w2", "w8", "w9"].map((name) => node(name));
  const disrupted = [leaving("w1"), leaving("w2")];
  const two = [db("db-0", "w1"), db("db-1", "w2")];
  expect(room(lines(two, { nodes, disrupted }))).toEqual([
    "room by requests for 2 pods on the 2 nodes that stay and take pods",
  ]);
  expect(room(lines([...two, db("db-2", "w9")], { nodes, disrupted }))).toEqual([
    "no node is left for 1 pod that must not share one with others (pod anti-affinity) on the 2 nodes that stay and take pods: shop/db-1",
    "room by requests for 1 pod on the 2 nodes that stay and take pods",
  ]);
});

it("D-B6 goes by the rule of the pod that stays as well, and by its namespace", () => {
  const staying = podOn("w9", "quiet", { labels: { app: "quiet" } }, apart("web"));
  const moving = podOn("w1", "cart-1", cart);
  expect(room(lines([staying, moving]))[0]).toContain("no node is left for 1 pod");
  const elsewhere = { ...staying, metadata: { ...staying.metadata, namespace: "bank" } };
  expect(room(lines([elsewhere, moving]))).toEqual([
    "room by requests for 1 pod on the 1 node that stays and takes pods",
  ]);
});

it("D-B6 names the pods whose other rules are not checked", () => {
  const pods = [podOn("w1", "b", cart, apart("web", "zone")), podOn("w1", "c", cart)];
  expect(lines(pods).filter((line) => line.startsWith("not checked"))).toEqual([
    "not checked: affinity to other pods of shop/b",
  ]);
});
