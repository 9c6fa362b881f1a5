// Hosts that leave in one change: three at once, after others had a hand in them, and with a new SSH key.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { newKey } from "../support/sshd.ts";
import { currentRevision, historySince, nodes, readyNodes } from "./site/nodes.ts";
import { expectSaid, stepsOf, succeeds } from "./site/run.ts";
import { remainsOf, setScene } from "./site/scene.ts";

const scene = setScene("leaving", 4);
let formerKey: string;
let key: object;

function declare(indexes: readonly number[]): void {
  const hosts = indexes.map((at) => scene.host(at).declare());
  scene.stack.declare([{ name: "workers", limits: { maxRemovals: "100%" }, hosts }], { ssh: key });
}

beforeAll(async () => {
  formerKey = join(scene.site.folder, "id_former");
  const publicKey = newKey(scene.site.folder, "id_former", "ed25519");
  for (const host of scene.hosts) host.authorize(publicKey, scene.site.sshKey.publicKey);
  key = { privateKeyFile: formerKey };
  declare([1, 2, 3, 4]);
  await succeeds(scene.stack.up());
});

it("J-28 D-P01 are all cordoned before the first eviction and drained one after the other", async () => {
  const leaving = ["w2", "w3", "w4"];
  for (const node of leaving) for (const name of ["a", "b"]) await scene.pods.create(node, `${node}-${name}`);
  declare([1]);
  const before = await currentRevision();
  expectSaid(
    await succeeds(scene.stack.up()),
    "Roster cluster",
    "cordoned before the first drain: w2, w3, w4",
  );
  expect([...(await nodes()).keys()]).toEqual(["w1"]);
  for (const index of [2, 3, 4]) expect(await remainsOf(scene.host(index))).toEqual([]);

  const { nodes: states, evictions } = await historySince(before);
  const firstEviction = Math.min(...evictions.map(({ revision }) => revision));
  const cordoned = states.filter(
    ({ spec, metadata }) => spec?.unschedulable === true && Number(metadata?.resourceVersion) < firstEviction,
  );
  expect([...new Set(cordoned.map(({ metadata }) => metadata?.name))].sort()).toEqual(leaving);
  const evicted = evictions.map(({ node }) => node);
  expect(evicted).toHaveLength(6);
  expect(evicted.filter((node, at) => node !== evicted[at - 1]).sort()).toEqual(leaving);
});

it("J-30 leave with a key that is rotated in the same change, which the staying ones do not notice", async () => {
  declare([1, 2, 3, 4]);
  await succeeds(scene.stack.up());
  const staying = async () => [
    ...[...(await nodes()).values()].map(({ metadata }) => metadata?.uid).slice(0, 3),
    ...(await Promise.all(
      [1, 2, 3].map((at) => scene.host(at).run("stat -c %y /etc/kubernetes/kubelet.conf")),
    )),
  ];
  const before = await staying();
  for (const host of scene.hosts) host.authorize(scene.site.sshKey.publicKey);
  key = {};
  declare([1, 2, 3]);
  const steps = stepsOf(await succeeds(scene.stack.up()));
  expect(steps.filter((step) => /(NodeMembership|HostEnrollment) w[123]$/.test(step))).toEqual([]);
  expect(await staying()).toEqual(before);
  expect(await readyNodes()).toEqual(["w1", "w2", "w3"]);
  expect(await remainsOf(scene.host(4))).toEqual([]);

  const state = await scene.stack.ask(["stack", "export", "--show-secrets"]);
  const bodyOf = (file: string) => readFileSync(file, "utf8").split("\n")[2] ?? "";
  expect(state).toContain(bodyOf(scene.site.sshKey.privateKeyFile));
  expect(state).not.toContain(bodyOf(formerKey));
});

it("J-31 leave although the Node, the host or both were reset by hand", async () => {
  const { core } = scene.site;
  const reset = "kubeadm reset --force; rm -rf /var/lib/kubelet";
  await core.deleteNode({ name: "w1" });
  await scene.host(2).run(reset);
  await scene.host(3).run(reset);
  await core.deleteNode({ name: "w3" });
  declare([]);
  await succeeds(scene.stack.up());
  expect([...(await nodes()).keys()]).toEqual([]);
  for (const index of [1, 2, 3]) expect(await remainsOf(scene.host(index))).toEqual([]);
  expect(stepsOf(await succeeds(scene.stack.preview()))).toEqual([]);
});
