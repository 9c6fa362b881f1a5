// A host that somebody joined by hand: taken over as it is by the config that `nodepools import` writes, and from then on
// a member like any other.
import { join, relative } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { runCommand } from "../../lab/processes/run-command.ts";
import { projectRoot } from "../support/pulumi-cli.ts";
import { changeNode, nodeNamed, nodes, tokens } from "./site/nodes.ts";
import { expectSaid, stepsOf, succeeds } from "./site/run.ts";
import { remainsOf, setScene } from "./site/scene.ts";

const scene = setScene("adoption", 1);
let uid: string | undefined;

/** Joins w1 as an administrator does, without this program. */
async function joinByHand(): Promise<void> {
  const join = "nodeRegistration: { name: w1, criSocket: 'unix:///run/containerd/containerd.sock' }";
  const kubeconfig = Buffer.from(scene.site.api.kubeconfigText).toString("base64");
  await scene.host(1).run(`mkdir /run/by-hand; cd /run/by-hand; echo "${join}" > join.yaml
    echo ${kubeconfig} | base64 -d > cluster.conf; kubeadm join --config /run/by-hand/join.yaml`);
}

/** Has the cluster declared as it is, the hosts in a file of their own. */
async function importNodes(): Promise<void> {
  const { stack, site } = scene;
  const { port } = scene.host(1).declare() as { readonly port: number };
  const command = [
    process.execPath,
    join(projectRoot, "entry/nodepools.cjs"),
    "import",
    "--cwd",
    projectRoot,
  ];
  const cluster = ["--kubeconfig", site.identityPath, "--context", "engine"];
  const login = ["--port", String(port), "--private-key-file", site.sshKey.privateKeyFile];
  // What is not relative to the project, no review could show.
  const folder = relative(projectRoot, join(site.folder, "inventory"));
  const files = ["--hosts-folder", folder, "--out", stack.configFile, "--overwrite"];
  // As long as the runs of the CLI may take.
  await runCommand([...command, ...cluster, ...login, "--accept-host-keys", ...files], {
    timeoutSeconds: 180,
  });
}

const taints = [{ key: "dedicated", value: "batch", effect: "NoSchedule" }];

beforeAll(async () => {
  await joinByHand();
  await changeNode("w1", { metadata: { labels: { "example.com/tier": "general" } }, spec: { taints } });
  uid = (await nodeNamed("w1")).metadata?.uid;
  await scene.pods.create("w1", "old");
});

it("J-09 is adopted by what `nodepools import` wrote: stamped, while all else stays as it is", async () => {
  const before = await nodeNamed("w1");
  const kubeletFiles = await scene
    .host(1)
    .run("find /etc/kubernetes /var/lib/kubelet -type f -printf '%p %T@\\n'");
  await importNodes();
  const run = await succeeds(scene.stack.up());
  expectSaid(run, "HostEnrollment w1", `adopted: "w1" is already this machine's node and stays as it is`);
  const { metadata, spec } = await nodeNamed("w1");
  expect(metadata?.uid).toBe(uid);
  const stamps = /^nodepools\.local[./]/;
  const others = Object.entries(metadata?.labels ?? {}).filter(([key]) => !stamps.test(key));
  expect(Object.fromEntries(others)).toEqual(before.metadata?.labels);
  expect(scene.stack.state().get("NodeMembership w1")?.inputs).toMatchObject({
    labels: { "example.com/tier": "general" },
    taints,
  });
  expect(metadata?.annotations).toMatchObject({ "nodepools.local/owner": scene.stack.owner });
  expect(spec).toEqual(before.spec);
  expect(await scene.host(1).run("find /etc/kubernetes /var/lib/kubelet -type f -printf '%p %T@\\n'")).toBe(
    kubeletFiles,
  );
  expect(await scene.pods.staying()).toEqual(["old"]);
  expect(await tokens()).toEqual([]);
  expect(stepsOf(await succeeds(scene.stack.preview()))).toEqual([]);
});

it("J-09 leaves like any member: drained, reset, clean, its Node gone", async () => {
  const shared = { labels: { "example.com/tier": "general" }, taints, limits: { maxRemovals: 1 } };
  scene.stack.declare([{ name: "workers", count: 0, ...shared, hosts: [scene.host(1).declare()] }]);
  const run = await succeeds(scene.stack.up());
  expectSaid(run, "NodeMembership w1", "drained: 1 pod moved");
  expect([...(await nodes()).keys()]).toEqual([]);
  expect(await remainsOf(scene.host(1))).toEqual([]);
});
