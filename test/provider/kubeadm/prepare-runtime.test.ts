// containerd's configuration, mirrors and images in a sandbox: what is set, and what an administrator has set stays.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { containerdDefaults, node, onMachine, owner, prepare, pretenders } from "./prepare-host.ts";

const config = "/etc/containerd/config.toml";
const show = `echo ====; cat ${config}\n`;
const existing = (text: string): string => `mkdir -p /etc/containerd; cat > ${config} <<'EOF'\n${text}EOF\n`;
const written = (stdout: string): string => stdout.split("====\n")[1] ?? "";

/** containerd 2.x writes other tables and single quotes. */
const version3 = `version = 3

[plugins]
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = 'registry.k8s.io/pause:3.10'

  [plugins.'io.containerd.cri.v1.images'.registry]
    config_path = ''

  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    sandboxer = 'podsandbox'

    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      SystemdCgroup = false

  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ['/opt/cni/bin']
`;

describe("containerd's configuration", () => {
  it("is no more readable than it was: it may hold the passwords of registries", () => {
    const { stdout } = onMachine(
      `${existing(containerdDefaults)}chmod 600 ${config}; ${prepare()}stat -c %a ${config}; rm ${config}; ${prepare()}stat -c %a ${config}`,
    );
    expect(stdout.match(/^\d{3}$/gm)).toEqual(["600", "644"]);
  });

  it("is the defaults with what the kubelet needs", () => {
    const { stdout } = onMachine(`${prepare()}${show}`);
    expect(written(stdout)).toBe(
      containerdDefaults
        .replace("imports = []\n", "")
        .replace("pause:3.8", "pause:3.10.1")
        .replace("/usr/lib/cni", "/opt/cni/bin")
        .replace("SystemdCgroup = false", "SystemdCgroup = true")
        .replace(' config_path = ""', ' config_path = "/etc/containerd/certs.d"'),
    );
  });

  it("of version 3 gets the same under its own names", () => {
    const { stdout } = onMachine(`${existing(version3)}${prepare()}${prepare()}${show}`);
    expect(stdout).toContain("nothing changed\nstatus=0\n====\n");
    expect(written(stdout)).toBe(
      version3
        .replace("pause:3.10'", "pause:3.10.1'")
        .replace("SystemdCgroup = false", "SystemdCgroup = true")
        .replace("config_path = ''", "config_path = '/etc/containerd/certs.d'"),
    );
  });

  it("has the declared sandbox image and cgroup driver", () => {
    const { stdout } = onMachine(
      `${prepare({ sandboxImage: "site/pause:1", cgroupDriver: "cgroupfs" })}${show}`,
    );
    expect(written(stdout)).toContain('sandbox_image = "site/pause:1"\n');
    expect(written(stdout)).toContain("SystemdCgroup = false\n");
  });

  it.each([
    ["in the middle", ""],
    ["at the end", '    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]\n'],
  ])("gets the cgroup driver also where an administrator's runtime has no such line, %s", (_, end) => {
    const line = "        SystemdCgroup = false\n";
    const own = `${containerdDefaults.replace(line, end === "" ? "" : line)}${end}`;
    const { stdout } = onMachine(`${existing(own)}${prepare()}${show}`);
    expect(written(stdout).split("SystemdCgroup = true\n")).toHaveLength(end === "" ? 2 : 3);
  });

  it("without a runtime runc is told, and left as it is", () => {
    const own = 'version = 2\n\n[plugins]\n  [plugins."other"]\n';
    const { stdout, stderr } = onMachine(`${existing(own)}${prepare()}${show}`);
    expect(stdout).toContain("status=1\n");
    expect(stderr).toContain("its configuration has no options of runtime runc");
    expect(written(stdout)).toBe(own);
  });

  it("is read by a restart, and only when it changed", () => {
    const { stdout } = onMachine(`${prepare()}${prepare()}grep 'restart' /run/calls`);
    expect(stdout).toMatch(/nothing changed\nstatus=0\nsystemctl restart containerd\n$/);
  });

  it("keeps an administrator's runtimes and imports, and the file as it was beside it", () => {
    const own = `${containerdDefaults.replace("imports = []", 'imports = ["/etc/containerd/conf.d/*.toml"]')}
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia.options]
      BinaryName = "/usr/bin/nvidia-container-runtime"
      SystemdCgroup = false
`;
    const { stdout } = onMachine(`${existing(own)}${prepare()}${show}cat ${config}.before-nodepools`);
    expect(written(stdout)).toMatch(/^imports = \["\/etc\/containerd\/conf\.d\/\*\.toml"\]\n/);
    expect(written(stdout)).toContain(
      'BinaryName = "/usr/bin/nvidia-container-runtime"\n      SystemdCgroup = true\n',
    );
    expect(written(stdout)).toContain(`\n${own}`);
  });

  it("has the CRI plugin on where Docker's package turned it off", () => {
    const { stdout } = onMachine(
      `${existing('disabled_plugins = ["cri"]\n')}${prepare()}${prepare()}${show}`,
    );
    expect(stdout).toContain("nothing changed\nstatus=0\n====\n");
    expect(written(stdout)).toContain("disabled_plugins = []\n");
    expect(written(stdout)).toContain("SystemdCgroup = true\n");
  });
});

describe("registry mirrors", () => {
  const registryMirrors = {
    "docker.io": ["https://one.site", "https://two.site"],
    "quay.io": ["http://q.site"],
  };
  const warning =
    "warning: mirrors of quay.io: http://q.site: without https, anyone on the way decides what is in an image that is asked for by its tag\n";
  const files = "cd /etc/containerd/certs.d; tail -n +2 */hosts.toml; cd /\n";

  it("are files that containerd asks in their order, and go when they are no longer declared", () => {
    const rest = { "quay.io": ["http://q.site"] };
    const { stdout } = onMachine(
      `${prepare({ registryMirrors })}echo ====; ${files}echo ====; ${prepare({ registryMirrors: rest })}ls /etc/containerd/certs.d/*`,
    );
    const [first = "", hosts = "", second = ""] = stdout.split("====\n");
    expect(first).toContain("changed: mirrors of docker.io: https://one.site https://two.site\n");
    expect(hosts).toBe(`==> docker.io/hosts.toml <==

[host."https://one.site"]
  capabilities = ["pull", "resolve"]

[host."https://two.site"]
  capabilities = ["pull", "resolve"]

==> quay.io/hosts.toml <==

[host."http://q.site"]
  capabilities = ["pull", "resolve"]
`);
    expect(second).toBe(
      `${warning}changed: no mirrors of docker.io any more\nprepared: 1 changes\nstatus=0\n/etc/containerd/certs.d/docker.io:\n\n/etc/containerd/certs.d/quay.io:\nhosts.toml\n`,
    );
  });

  it("L2 without https are warned of, and no others", () => {
    const { stdout } = onMachine(prepare({ registryMirrors }));
    expect(stdout.match(/^warning: mirrors of .*/gm)).toEqual([warning.trimEnd()]);
  });

  it("leave an administrator's own files alone", () => {
    const { stdout } = onMachine(
      `mkdir -p /etc/containerd/certs.d/ghcr.io; echo mine > /etc/containerd/certs.d/ghcr.io/hosts.toml; ${prepare()}cat /etc/containerd/certs.d/ghcr.io/hosts.toml`,
    );
    expect(stdout).toMatch(/status=0\nmine\n$/);
  });

  it.each(['mirrors."docker.io"]', 'configs."reg.example".tls]'])(
    "are refused beside some of the old form, which would keep containerd from starting: %s",
    (table) => {
      const own = `${containerdDefaults}    [plugins."io.containerd.grpc.v1.cri".registry.${table}\n`;
      const { stdout, stderr } = onMachine(`${existing(own)}${prepare({ registryMirrors })}${show}`);
      expect(stdout).toContain("status=1\n");
      expect(stderr).toContain("registry mirrors: /etc/containerd/config.toml has some of the old form");
      expect(written(stdout)).toContain('config_path = ""\n');
    },
  );
});

const archive = "mkdir -p /run/site; touch /run/site/a.tar\n";

const sumOf = (text: string) => createHash("sha256").update(text).digest("hex");

describe("image archives", () => {
  it("L2 from an address are imported only when they are what is declared", () => {
    const imageArchives = [`https://site/b.tar#sha256=${"0".repeat(64)}`];
    const { stdout, stderr } = onMachine(`${prepare({ imageArchives })}grep -c ' import ' /run/calls`);
    expect(stderr).toContain("downloading https://site/b.tar: it is not what is declared: its sha256 is ");
    expect(stdout).toMatch(/status=1\n0\n$/);
  });

  it("on the host are imported only where nobody but root could exchange them", () => {
    const { stdout, stderr } = onMachine(
      `${archive}chmod 666 /run/site/a.tar; ${prepare({ imageArchives: ["/run/site/a.tar"] })}grep -c ' import ' /run/calls`,
    );
    expect(stderr).toContain("imageArchives: root would install what others may change: /run/site/a.tar - ");
    expect(stdout).toMatch(/status=1\n0\n$/);
  });

  it("D7 are told in a line that Pulumi's plugin can read, however many they are", () => {
    const many =
      'case " $* " in *" import "*) seq -f "site/image-with-a-long-name-%06g:1 x sha256:1 1KB" 3000 > /run/images ;; esac\n';
    const { stdout } = onMachine(`${archive}${prepare({ imageArchives: ["/run/site/a.tar"] })}`, {
      ctr: `${many}${pretenders.ctr}`,
    });
    const lines = stdout.split("\n").map((line) => line.length);
    expect(stdout).toMatch(
      /changed: images of \/run\/site\/a.tar: (site\/a.tar:1 )?site\/image-with-a-long-name-000001:1 /,
    );
    expect(Math.max(...lines)).toBe(8000);
  });

  it("J-18 are imported from paths and addresses, and told only once", () => {
    const imageArchives = [
      "/run/site/a.tar",
      `http://site/b.tar#sha256=${sumOf("from http://site/b.tar\n")}`,
    ];
    const { stdout } = onMachine(
      `${archive}${prepare({ imageArchives })}${prepare({ imageArchives })}grep -E '^(ctr|curl.*site)' /run/calls | sed 's/nodepools-prepare[^/]*/W/'`,
    );
    expect(stdout).toContain("changed: images of /run/site/a.tar: site/a.tar:1\n");
    expect(stdout).toContain("changed: images of http://site/b.tar: site/archive:1\n");
    expect(stdout).toContain("nothing changed\nstatus=0\n");
    expect(stdout).toContain("ctr --namespace k8s.io images import /run/W/archive\n");
  });
});

describe("a node at work", () => {
  const options = {
    imageArchives: ["/run/site/a.tar"],
    registryMirrors: { "docker.io": ["https://one.site"] },
  };
  const restarts = "grep -cE 'restart|apt-get' /run/calls; ls /etc/modules-load.d/nodepools.conf 2>&1\n";

  it("of this stack gets mirrors and images, and no restart", () => {
    const { stdout } = onMachine(
      `${archive}${node("1.34.4", owner)}touch /run/calls; ${prepare(options)}${restarts}`,
    );
    expect(stdout).toContain(
      "changed: mirrors of docker.io: https://one.site\nchanged: images of /run/site/a.tar: site/a.tar:1\nprepared: 2 changes\nstatus=0\n0\n",
    );
    expect(stdout).toContain("No such file");
  });

  it("J-09 that no stack has claimed keeps everything", () => {
    const { stdout } = onMachine(
      `${node("1.34.4")}find /etc > /run/before; ${prepare(options)}find /etc | cmp - /run/before; ls /run/images 2>&1`,
    );
    expect(stdout).toMatch(/^nothing changed\nstatus=0\nls:.*No such file.*\n$/);
  });
});
