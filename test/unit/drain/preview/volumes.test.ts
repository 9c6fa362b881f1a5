// What a preview says about data that does not move, exactly.
import { expect, it } from "vitest";
import type { Pod } from "../../../../components/kube/api.ts";
import { cart, claiming, db, leaving, lines, node, onlyOn, podOn, volume } from "./scenes.ts";

const loose = { disrupted: [leaving("w1", { deleteEmptyDirData: true, force: true })] };
const about = (pods: readonly Pod[], more: Parameters<typeof lines>[1] = loose) =>
  lines(pods, more).filter((line) => /data|volumes/.test(line));

it("names the owners whose emptyDir data is lost, on disk and in memory", () => {
  const pods = [
    podOn("w1", "cart-1", { ...cart, emptyDir: "disk" }),
    podOn("w1", "cart-2", { ...cart, emptyDir: "memory" }),
    podOn("w1", "bare", { owner: "none", emptyDir: "disk" }),
    podOn("w9", "stays", { ...db, emptyDir: "disk" }),
  ];
  expect(about(pods)).toEqual(["emptyDir data is lost: shop/Deployment cart 2, shop/Pod bare 1"]);
});

it("names the owners of hostPath volumes and of ephemeral ones", () => {
  const hostPath = { volumes: [{ name: "v", hostPath: { path: "/srv" } }] };
  const ephemeral = { volumes: [{ name: "v", ephemeral: {} }] };
  const pods = [podOn("w1", "db-0", db, hostPath), podOn("w1", "cart-1", cart, ephemeral)];
  expect(about(pods)).toEqual([
    "ephemeral volumes are deleted with their pods: shop/Deployment cart 1",
    "hostPath data does not move: shop/StatefulSet db 1",
  ]);
});

it("names local volumes by their claims, those of hostPath volumes and ephemeral claims too", () => {
  const pods = [
    podOn("w1", "db-0", db, claiming("data-db-0")),
    podOn("w1", "db-1", db, claiming("data-db-1")),
    podOn("w1", "db-2", db, claiming("data-db-2")),
    podOn("w1", "db-3", db, { volumes: [{ name: "scratch", ephemeral: {} }] }),
  ];
  const volumes = [
    volume("pv-0", "data-db-0", { local: { path: "/mnt" } }),
    volume("pv-1", "data-db-1", { hostPath: { path: "/srv" } }),
    volume("pv-2", "data-db-2", { csi: { driver: "remote", volumeHandle: "1" } }),
    volume("pv-3", "db-3-scratch", { local: { path: "/mnt" } }),
    { ...volume("pv-4", "data-db-2", { local: { path: "/mnt" } }), status: { phase: "Released" } },
  ];
  expect(about(pods, { ...loose, volumes })).toEqual([
    "ephemeral volumes are deleted with their pods: shop/StatefulSet db 1",
    "local volumes do not move: shop/data-db-0 (pv-0), shop/data-db-1 (pv-1), shop/db-3-scratch (pv-3)",
  ]);
});

it("says which pods cannot run elsewhere, because leaving nodes alone reach their volumes", () => {
  const pods = [podOn("w1", "db-0", db, claiming("data")), podOn("w1", "cart-1", cart, claiming("shared"))];
  const volumes = [volume("pv-0", "data", onlyOn("w1")), volume("pv-1", "shared", onlyOn("w9"))];
  const nodes = ["w1", "w9"].map((name) => node(name, {}, { labels: { "kubernetes.io/hostname": name } }));
  expect(lines(pods, { volumes, nodes }).slice(-2)).toEqual([
    "cannot run elsewhere: shop/db-0: bound to leaving nodes by shop/data (pv-0)",
    "room by requests for 1 pod on the 1 node that stays and takes pods",
  ]);
});

it("does not place a pod where its volume is not reached", () => {
  const pods = [podOn("w1", "db-0", db, claiming("data"))];
  const volumes = [volume("pv-0", "data", onlyOn("w8"))];
  const labelled = (name: string, spec = {}) =>
    node(name, spec, { labels: { "kubernetes.io/hostname": name } });
  const nodes = [labelled("w1"), labelled("w8", { unschedulable: true }), labelled("w9")];
  expect(lines(pods, { volumes, nodes }).slice(-1)).toEqual([
    "no place for 1 pod, by taints, nodeSelector, node affinity or volumes, on the 1 node that stays and takes pods: shop/db-0",
  ]);
});
