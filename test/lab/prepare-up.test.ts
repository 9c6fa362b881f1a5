// `prepare` from a bare host to a node in one `pulumi up`, and what a change of it does to nodes at work.
import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { PrepareOptions } from "../../components/model/prepare.ts";
import { addBareHosts } from "../../lab/bare-host.ts";
import { power, runInLab } from "../../lab/lab.ts";
import { packagedVersion } from "../../lab/packages/kubernetes-repository.ts";
import type { LabStack } from "../../lab/stack.ts";
import { livesOf } from "../support/node-lives.ts";
import { preparedFromSite } from "../support/package-site.ts";
import { fails, rowsOf, succeeds } from "../support/pulumi-run.ts";
import { changedSince, stateOf } from "../support/stack-state.ts";
import {
  apply,
  createStack,
  eventually,
  fingerprintOf,
  host,
  kubectl,
  lab,
  nodes,
  onHost,
  readyNodes,
  remainsOf,
} from "../support/test-lab.ts";
import { deploymentOn, stayingPods } from "../support/workloads.ts";

const bare = ["w22", "w23"];
/** What a pool declares; "left": its host does not belong to it any more. */
type Prepare = PrepareOptions | "none" | "left";
const dockerMirror = "/etc/containerd/certs.d/docker.io/hosts.toml";

describe("a pool with prepare", () => {
  let stack: LabStack;
  let options: PrepareOptions;
  let mirrored: PrepareOptions;

  /** Each host in a pool of its own, so that one run does something else to each. */
  const declare = (first: Prepare, second: Prepare, ssh: object = {}): void => {
    const pools = [first, second].map((prepare, at) => ({
      name: `pool-${at + 1}`,
      ...(prepare === "left" ? { hosts: [] } : { prepare, hosts: [host(22 + at)] }),
      limits: { maxRemovals: "100%" },
    }));
    stack.declare(pools, { ssh });
  };
  const up = () => succeeds(stack.up());
  const fingerprints = () => Promise.all(bare.map(fingerprintOf));
  const lives = () => livesOf(bare, "bare");

  beforeAll(async () => {
    await addBareHosts(lab, [22, 23]);
    options = await preparedFromSite();
    stack = await createStack("prepare");
  });

  afterAll(async () => {
    await kubectl("delete", "deployment", "bare", "--ignore-not-found");
    await succeeds(stack.destroy());
    await Promise.all(bare.map((name) => power(lab, name, "off")));
  });

  it("J-05 refuses a bare host without it with everything that it lacks, and a host of others with what is wrong; both stay as they are", async () => {
    const traces = "/etc/rancher/k3s /var/lib/k0s";
    const kubelet = "/usr/local/bin/kubelet";
    await onHost("w23", `mkdir -p ${traces} ${dirname(kubelet)}; install -m 755 /bin/true ${kubelet}`);
    onTestFinished(async () => {
      await onHost("w23", `rm -r ${traces} ${kubelet}`);
    });
    const before = await fingerprints();
    declare("none", options);
    const run = await fails(stack.up("--continue-on-error"));
    // The diagnostics at the end; before, the row shows the first line only.
    const refusal = run.text.split(`enrolling host "w22" at `).at(-1)?.split("\n\n")[0];
    const lacks = refusal?.match(/^ +- .*prepare`$/gm) ?? [];
    expect(lacks.map((line) => line.trim().split(":")[0])).toEqual([
      "- kubeadm is not installed",
      "- kubelet is not installed",
      "- no container runtime socket",
      "- net.ipv4.ip_forward is 0",
    ]);
    expect(run.text).toContain("- it runs k3s (/etc/rancher/k3s)");
    expect(run.text).toContain(`- ${kubelet} is not from a package`);
    expect(run.text).toContain("- it runs k0s (/var/lib/k0s)");
    const [plain, strange = ""] = await fingerprints();
    // The lock is in /run: it is gone after a reboot.
    expect([plain, strange.replace("/run/nodepools\n", "")]).toEqual(before);
  });

  it("J-01 makes nodes of bare hosts in one run, and tells what it changed", async () => {
    declare(options, options);
    const run = await up();
    for (const name of bare) {
      const rows = rowsOf(run, "Command", `${name}_prepare`);
      expect(rows).toContainEqual(expect.stringMatching(/changed: installed .*kubeadm 1\.34\.4-1\.1/));
      expect(rows).toContainEqual(expect.stringMatching(/prepared: \d+ changes/));
    }
    expect(await readyNodes()).toEqual(expect.arrayContaining(bare));
    await apply(deploymentOn("w22", "bare"));
    await eventually("the pod on w22", 300, async () => (await stayingPods("bare")).length === 1);
  });

  it("J-19 J-39 gives a node other mirrors and nothing else, and refuses one another version: no drain, no join, no restart", async () => {
    const [before, state] = [await lives(), stateOf(stack)];
    mirrored = { ...options, registryMirrors: { "quay.io": ["https://quay.site"] } };
    declare(mirrored, { ...options, kubernetes: "1.34.5" });
    const run = await fails(stack.up("--continue-on-error"));
    expect(rowsOf(run, "Command", "w22_prepare")).toContainEqual(
      expect.stringContaining("changed: mirrors of quay.io: https://quay.site"),
    );
    expect(run.text).toContain(
      `with kubelet ${packagedVersion}, and 1.34.5 is declared: a preparation never changes the version of a node`,
    );
    // The roster knows for which version a pool's hosts are prepared.
    expect(changedSince(stack, state)).toEqual(["Command w22_prepare", "Roster cluster"]);
    expect(await lives()).toEqual(before);
    expect(await onHost("w22", `cd /etc/containerd/certs.d; ls; test ! -e ${dockerMirror}`)).toContain(
      "quay.io",
    );
  });

  it("J-30 J-39 goes on from the former declarations, and runs nothing on the hosts for a rotated key", async () => {
    const [before, state] = [await lives(), stateOf(stack)];
    const privateKeyFile = join(lab.directory, "id_next");
    rmSync(privateKeyFile, { force: true });
    await runInLab(lab, ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", privateKeyFile]);
    const publicKey = readFileSync(`${privateKeyFile}.pub`, "utf8").trim();
    for (const name of bare) await onHost(name, `echo '${publicKey}' >> /root/.ssh/authorized_keys`);
    declare(mirrored, options, { privateKeyFile });
    await up();
    const [changed, now] = [changedSince(stack, state), stateOf(stack)];
    for (const name of bare) {
      const command = `Command ${name}_prepare`;
      expect(changed).toContain(command);
      // A second preparation would have said that nothing changed.
      expect(now.get(command)?.outputs?.stdout).toBe("");
    }
    expect(await lives()).toEqual(before);
  });

  it("is given up without a trace on the node; a host that goes keeps its packages, as clean as any other", async () => {
    const before = await livesOf(["w22"], "bare");
    declare("none", "left");
    await up();
    expect(await livesOf(["w22"], "bare")).toEqual(before);
    expect(await remainsOf("w23")).toEqual([]);
    expect(await onHost("w23", "kubeadm version -o short")).toBe(`v${packagedVersion}`);
    expect((await nodes()).has("w23")).toBe(false);
  });

  it("is taken up again without a trace on the node", async () => {
    const before = await livesOf(["w22"], "bare");
    declare(options, "left");
    await up();
    expect(await livesOf(["w22"], "bare")).toEqual(before);
    expect(await onHost("w22", `ls ${dockerMirror}`)).toBe(dockerMirror);
  });
});
