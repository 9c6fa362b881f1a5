// What a preparation does on a bare host, by SSH alone: packages, power cuts, reboots, and what a node keeps.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { planPreparation, renderPrepareInput } from "../../components/kubeadm/prepare.ts";
import { loadPrepareScripts } from "../../components/kubeadm/prepare-scripts.ts";
import type { PrepareOptions } from "../../components/model/prepare.ts";
import { addBareHosts } from "../../lab/bare-host.ts";
import { power, runInLab, ssh } from "../../lab/lab.ts";
import { packagedVersion } from "../../lab/packages/kubernetes-repository.ts";
import type { CommandResult } from "../../lab/processes/run-command.ts";
import { preparedFromSite } from "../support/package-site.ts";
import { apply, eventually, fingerprintOf, kubectl, lab, nodes, onHost } from "../support/test-lab.ts";
import { deploymentOn } from "../support/workloads.ts";

const owner = "organization/nodepools/prepare";
const bareIndex = 21;
const bare = `w${bareIndex}`;
const { runner, program } = loadPrepareScripts();

async function prepare(more: Partial<PrepareOptions> = {}): Promise<CommandResult> {
  const plan = planPreparation(owner, { ...(await preparedFromSite()), ...more });
  return ssh(lab, bare, runner, { stdin: renderPrepareInput(plan, program), timeoutSeconds: 200 });
}

/** Said each time where the lab's registry, which has no https, is declared. */
const mirrorWarning = /^warning: mirrors of docker\.io: http:.*\n/m;

async function expectNothingChanged(more: Partial<PrepareOptions> = {}): Promise<void> {
  const { status, stdout, stderr } = await prepare(more);
  expect([status, stdout.replace(mirrorWarning, ""), stderr]).toEqual([0, "nothing changed\n", ""]);
}

/** What a preparation sets up, as it is on the host now. */
function foundOn(host: string): Promise<string> {
  return onHost(
    host,
    `cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/bridge/bridge-nf-call-iptables; apt-mark showhold | sort
     kubelet --version; kubeadm version -o short; systemctl is-enabled containerd kubelet; systemctl is-active containerd
     ls /opt/cni/bin/bridge; containerd config dump | grep -E '^ *(sandbox_image|SystemdCgroup|bin_dir|restrict_oom_score_adj) ='
     ctr -n k8s.io images ls -q | grep -v ^sha256; ls /etc/containerd/certs.d`,
  );
}

const prepared = `1
1
kubeadm
kubelet
kubernetes-cni
Kubernetes v${packagedVersion}
v${packagedVersion}
enabled
enabled
active
/opt/cni/bin/bridge
    restrict_oom_score_adj = true
    sandbox_image = "registry.k8s.io/pause:3.10"
      bin_dir = "/opt/cni/bin"
            SystemdCgroup = false
lab.local/busybox:1
registry.k8s.io/pause:3.10
docker.io`;

// Their image may have to be built first.
beforeAll(async () => {
  await addBareHosts(lab, [bareIndex]);
}, 480_000);

describe("a bare host", () => {
  afterAll(async () => {
    await kubectl("delete", "deployment", "on-bare", "--ignore-not-found");
    // A lab that is brought up with more hosts boots this one as well: it must not be a node again by that.
    await ssh(lab, bare, "kubeadm reset --force", { timeoutSeconds: 120 });
    await power(lab, bare, "off");
    await kubectl("delete", "node", bare, "--ignore-not-found");
  });

  it("has nothing of Kubernetes, and forwards no packets", async () => {
    const found = await onHost(
      bare,
      "for name in kubelet kubeadm containerd conntrack; do command -v $name; done; cat /proc/sys/net/ipv4/ip_forward",
    );
    expect(found).toBe("0");
  });

  it("J-07 waits for the package lock; its power is cut while packages are installed", async () => {
    // perl is on every Debian; the lock is the one that unattended-upgrades would hold.
    const hold = `open F, ">>", "/var/lib/dpkg/lock-frontend"; my $lock = pack("s s l! l! i", 1, 0, 0, 0, 0); fcntl F, 6, $lock or die; sleep 8`;
    await onHost(bare, `systemd-run --quiet --unit=updates perl -e '${hold}'`);
    const cut = prepare();
    const installing =
      "test -e /var/lib/dpkg/info/containerd.list && grep -lsx dpkg /proc/[0-9]*/comm || true";
    await eventually("dpkg to be at work", 300, async () => (await onHost(bare, installing)) !== "");
    await power(lab, bare, "off");
    const { status, stdout } = await cut;
    expect(status).not.toBe(0);
    expect(stdout).toMatch(/^waiting for process \d+ \(perl\), which holds the package lock$/m);
    await power(lab, bare, "on");
  });

  it("J-18 is finished by the next run, with everything from the site's own servers", async () => {
    const { status, stdout, stderr } = await prepare();
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^prepared: \d+ changes$/m);
    expect(await foundOn(bare)).toBe(prepared);
  });

  it("J-05 needs nothing the second time, and nothing after a reboot", async () => {
    await expectNothingChanged();
    await power(lab, bare, "reboot");
    expect(await foundOn(bare)).toBe(prepared);
    expect(await onHost(bare, "systemctl --failed --plain --no-legend")).toBe("");
    await expectNothingChanged();
  });

  it("keeps its version when all packages are upgraded, though a newer one is there", async () => {
    const upgrade = await onHost(bare, "apt-get update -q; apt-get upgrade -y -q");
    expect(upgrade).toMatch(/have been kept back:\s+kubeadm kubelet/);
    await expectNothingChanged();
  });

  it("gets again what a power cut left half unpacked", async () => {
    const broken = "Status: install reinstreq half-installed";
    const cut = `sed -i '/^Package: libnetfilter-conntrack3$/,/^$/s/^Status: .*/${broken}/' /var/lib/dpkg/status`;
    expect(await onHost(bare, `${cut}; dpkg --audit`)).toMatch(/libnetfilter-conntrack3/);
    const { status, stdout, stderr } = await prepare();
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^changed: finished an interrupted installation$/m);
    expect(await onHost(bare, "dpkg --audit")).toBe("");
    await expectNothingChanged();
  });

  it("does not take a package that was built without md5sums for an interrupted one", async () => {
    await onHost(bare, "rm /var/lib/dpkg/info/socat.md5sums");
    expect(await onHost(bare, "dpkg --audit")).toMatch(/md5sums.*socat/s);
    await expectNothingChanged();
  });

  it("has the CRI plugin on again where Docker's package, whose file has no version, turned it off", async () => {
    const file = 'disabled_plugins = ["cri"]\\n[plugins.cri]\\nrestrict_oom_score_adj = true\\n';
    await onHost(bare, `printf '${file}' > /etc/containerd/config.toml; systemctl restart containerd`);
    const { stdout } = await prepare();
    expect(stdout.replace(mirrorWarning, "")).toMatch(/^changed: containerd has .*\nprepared: 1 changes\n$/);
    expect(await foundOn(bare)).toBe(prepared);
  });

  it("joins, is Ready and runs a pod", async () => {
    const join = await runInLab(lab, [
      "kubeadm",
      "token",
      "create",
      "--print-join-command",
      "--kubeconfig",
      lab.adminKubeconfig,
    ]);
    await onHost(bare, join.stdout);
    await eventually("it is Ready", 60, async () =>
      ((await nodes()).get(bare)?.status.conditions ?? []).some(
        ({ type, status }) => type === "Ready" && status === "True",
      ),
    );
    await apply(deploymentOn(bare, "on-bare"));
    await kubectl("wait", "--for=condition=Available", "--timeout=60s", "deployment/on-bare");
  });

  it("J-09 keeps everything as it is once it is a node that no stack has claimed", async () => {
    const before = await fingerprintOf(bare);
    await expectNothingChanged({ registryMirrors: {}, sandboxImage: "other/pause:1" });
    expect(await fingerprintOf(bare)).toBe(before);
  });

  it("is refused another version once it is a node, and nothing is changed", async () => {
    const before = await fingerprintOf(bare);
    const { status, stdout, stderr } = await prepare({ kubernetes: "1.34.5" });
    expect({ status, stdout }).toEqual({ status: 77, stdout: "" });
    expect(stderr).toContain(
      `with kubelet ${packagedVersion}, and 1.34.5 is declared: a preparation never changes the version of a node`,
    );
    expect(await fingerprintOf(bare)).toBe(before);
    expect(await foundOn(bare)).toBe(prepared);
  });

  it("gets other mirrors as a node of the stack, without a restart of containerd", async () => {
    const pid = await onHost(
      bare,
      `mkdir -p /var/lib/nodepools; echo owner=${owner} > /var/lib/nodepools/owner; pidof containerd`,
    );
    const { stdout } = await prepare({ registryMirrors: { "quay.io": ["https://quay.site"] } });
    expect(stdout).toBe(
      "changed: mirrors of quay.io: https://quay.site\nchanged: no mirrors of docker.io any more\nprepared: 2 changes\n",
    );
    expect(await onHost(bare, "pidof containerd")).toBe(pid);
  });
});
