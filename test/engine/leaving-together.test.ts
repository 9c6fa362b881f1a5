// Hosts that leave in one change: three with pods, three that others had a hand in, all with an SSH key that is rotated in
// the same change.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { newKey } from "../support/sshd.ts";
import { currentRevision, type History, historySince, nodeNamed, nodes, readyNodes } from "./site/nodes.ts";
import { type EngineRun, expectSaid, stepsOf, succeeds } from "./site/run.ts";
import { remainsOf, setScene } from "./site/scene.ts";

const scene = setScene("leaving", 7);
const withPods = ["w2", "w3", "w4"];
let formerKey: string;
let run: EngineRun;
let history: History;
let before: Awaited<ReturnType<typeof lifeOfStaying>>;

function declare(hosts: typeof scene.hosts, key: object = {}): void {
  const limits = { maxRemovals: "100%" };
  scene.stack.declare([{ name: "workers", limits, hosts: hosts.map((host) => host.declare()) }], {
    ssh: key,
  });
}

/** What a second join of the host that stays would change. */
const lifeOfStaying = async () => [
  (await nodeNamed("w1")).metadata?.uid,
  await scene.host(1).run("stat -c %y /etc/kubernetes/kubelet.conf"),
];

beforeAll(async () => {
  const { site, stack, hosts, pods } = scene;
  formerKey = join(site.folder, "id_former");
  const publicKey = newKey(site.folder, "id_former", "ed25519");
  for (const host of hosts) host.authorize(publicKey);
  declare(hosts, { privateKeyFile: formerKey });
  await succeeds(stack.up());

  for (const node of withPods) for (const name of ["a", "b"]) await pods.create(node, `${node}-${name}`);
  const reset = "kubeadm reset --force; rm -rf /var/lib/kubelet";
  await site.core.deleteNode({ name: "w5" });
  await scene.host(6).run(reset);
  await scene.host(7).run(reset);
  await site.core.deleteNode({ name: "w7" });
  for (const host of hosts) host.authorize(site.sshKey.publicKey);
  before = await lifeOfStaying();
  const revision = await currentRevision();
  declare([scene.host(1)]);
  run = await succeeds(stack.up());
  history = await historySince(revision);
});

it("J-28 D-P01 are all cordoned before the first eviction and drained one after the other", async () => {
  const { nodes: states, evictions } = history;
  expectSaid(run, "Roster cluster", "cordoned before the first drain: w2, w3, w4, w6");
  const firstEviction = Math.min(...evictions.map(({ revision }) => revision));
  const cordoned = states.filter(
    ({ spec, metadata }) => spec?.unschedulable === true && Number(metadata?.resourceVersion) < firstEviction,
  );
  expect([...new Set(cordoned.map(({ metadata }) => metadata?.name))].sort()).toEqual([...withPods, "w6"]);
  const evicted = evictions.map(({ node }) => node);
  expect(evicted).toHaveLength(6);
  expect(evicted.filter((node, at) => node !== evicted[at - 1]).sort()).toEqual(withPods);
});

it("J-31 leave nothing behind, although the Node, the host or both were reset by hand", async () => {
  expect([...(await nodes()).keys()]).toEqual(["w1"]);
  const remains = await Promise.all(scene.hosts.slice(1).map(remainsOf));
  expect(remains.flat()).toEqual([]);
  expect(scene.stack.namesOf("HostEnrollment")).toEqual(["w1"]);
});

it("J-30 leave by the new key, of which the one that stays notices nothing", async () => {
  expect(stepsOf(run).filter((step) => /(NodeMembership|HostEnrollment) w1$/.test(step))).toEqual([]);
  expect(await lifeOfStaying()).toEqual(before);
  expect(await readyNodes()).toEqual(["w1"]);

  const state = await scene.stack.ask(["stack", "export", "--show-secrets"]);
  const bodyOf = (file: string) => readFileSync(file, "utf8").split("\n")[2] ?? "";
  expect(state).toContain(bodyOf(scene.site.sshKey.privateKeyFile));
  expect(state).not.toContain(bodyOf(formerKey));
});
