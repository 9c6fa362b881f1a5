// What a host of the RHEL family is installed from, made with rpm's own tools: the system's packages and Kubernetes', signed.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Folders of packages, to be seen from a sandbox, and the keys that they are or are not signed with. */
export interface RpmSite {
  /** Where the system's own packages are, with a module that has a kubelet in it. */
  readonly system: string;
  /** What `repository` is declared as; the packages are below, in rpm/. */
  readonly kubernetes: string;
  readonly key: string;
  readonly otherKey: string;
  readonly remove: () => void;
}

interface Package {
  readonly version: string;
  readonly release?: string;
  /** Further lines of the spec. */
  readonly lines?: readonly string[];
  /** Text files by path: where nothing of the machine is. */
  readonly files?: Readonly<Record<string, string>>;
}

const release = "150500.1.1";

const kubelet = (version: string): Package => ({
  ...{ version, release, lines: ["Requires: kubernetes-cni"] },
  files: { "/run/bin/kubelet": `#!/bin/sh\necho Kubernetes v${version}\n` },
});
const kubeadm = (version: string): Package => ({
  ...{ version, release, lines: ["Requires: cri-tools"] },
  files: {
    "/run/bin/kubeadm": `#!/bin/sh\ncase $1 in version) echo v${version} ;; config) echo registry.k8s.io/pause:3.10.1 ;; esac\n`,
  },
});

/** Makes all of it; two versions of kubelet and kubeadm are there. */
export function makeRpmSite(): RpmSite {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-rpms-"));
  const at = (name: string) => join(folder, name);
  build(at("system"), {
    "rocky-release": {
      version: "9.4",
      lines: ["Provides: system-release = 9.4", "Provides: system-release(releasever) = 9"],
    },
    "containerd.io": {
      version: "1.7.28",
      files: { "/run/bin/containerd": '#!/bin/sh\nexec "$SANDBOX/fake-containerd" "$@"\n' },
    },
    socat: { version: "1.7.4", files: { "/run/bin/socat": "" } },
    chrony: { version: "4.5", files: { "/run/units/chronyd": "" } },
    "ca-certificates": { version: "2024.2", files: { "/etc/pki/tls/certs/ca-bundle.crt": "" } },
    kubelet: { version: "1.20.0", lines: ["ModularityLabel: kubernetes:1.20:1:1"] },
  });
  addModule(at("system"));
  const kubernetes = at("kubernetes/rpm");
  build(kubernetes, {
    kubelet: kubelet("1.34.4"),
    kubeadm: kubeadm("1.34.4"),
    "kubernetes-cni": { version: "1.7.1", release },
    "cri-tools": { version: "1.34.0", release },
  });
  build(kubernetes, { kubelet: kubelet("1.34.5"), kubeadm: kubeadm("1.34.5") });
  const key = makeKey(at("keys"), kubernetes);
  index(kubernetes);
  return {
    system: at("system"),
    kubernetes: `file://${at("kubernetes")}`,
    key,
    otherKey: makeKey(at("other-keys")),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Builds all packages from one spec, each of them beside a main package that has no files and is none. */
function build(target: string, packages: Readonly<Record<string, Package>>): void {
  mkdirSync(target, { recursive: true });
  const entries = Object.entries(packages);
  const spec = [
    "Name: site\nVersion: 1\nRelease: 1\nSummary: site\nLicense: none\nBuildArch: noarch\n%description\n",
    ...entries.map(([name, it]) => describe(name, it)),
    "%install",
    ...entries.flatMap(([, { files = {} }]) =>
      Object.entries(files).map(([path, text]) => write(path, text)),
    ),
    ...entries.map(
      ([name, { files = {} }]) =>
        `%files -n ${name}\n${Object.keys(files)
          .map((path) => `%attr(755, root, root) ${path}`)
          .join("\n")}`,
    ),
  ].join("\n");
  writeFileSync(join(target, "site.spec"), spec);
  const defines = {
    _topdir: join(target, "work"),
    _rpmdir: target,
    _build_name_fmt: "%%{NAME}-%%{VERSION}.rpm",
  };
  rpm("rpmbuild", ["-bb", "--quiet", join(target, "site.spec")], defines);
  rmSync(join(target, "work"), { recursive: true });
  rmSync(join(target, "site.spec"));
}

function describe(name: string, { version, release: own = "1", lines = [] }: Package): string {
  const fields = [`Version: ${version}`, `Release: ${own}`, `Summary: ${name}`, "AutoReqProv: no", ...lines];
  return `%package -n ${name}\n${fields.join("\n")}\n%description -n ${name}\n${name}\n`;
}

function write(path: string, text: string): string {
  const encoded = Buffer.from(text).toString("base64");
  return `mkdir -p "%{buildroot}$(dirname ${path})"; echo ${encoded} | base64 -d > "%{buildroot}${path}"`;
}

/** A stream that is on by itself: packages of its names in other repositories are hidden then. */
function addModule(repository: string): void {
  index(repository);
  const module = `---
document: modulemd
version: 2
data:
  name: kubernetes
  stream: "1.20"
  version: 1
  context: "1"
  arch: noarch
  summary: Kubernetes
  description: Kubernetes
  license: { module: [MIT] }
  artifacts: { rpms: ["kubelet-0:1.20.0-1.noarch"] }
---
document: modulemd-defaults
version: 1
data:
  module: kubernetes
  stream: "1.20"
`;
  writeFileSync(join(repository, "modules.yaml"), module);
  execFileSync(
    "modifyrepo_c",
    ["--mdtype=modules", join(repository, "modules.yaml"), join(repository, "repodata")],
    {
      stdio: "pipe",
    },
  );
}

function index(repository: string): void {
  execFileSync("createrepo_c", ["--quiet", repository], { stdio: "pipe" });
}

/** Makes a key, signs the packages of the folder with it, and returns its public half. */
function makeKey(home: string, packages?: string): string {
  mkdirSync(home, { mode: 0o700 });
  const gpg = ["--homedir", home, "--batch", "--quiet", "--passphrase", ""];
  try {
    execFileSync("gpg", [...gpg, "--quick-generate-key", "site", "rsa2048", "sign", "never"], {
      stdio: "pipe",
    });
    if (packages !== undefined)
      rpm("sh", [
        "-c",
        `exec rpmsign --addsign --define "__gpg /usr/bin/gpg" --define "_gpg_name site" --define "_gpg_path ${home}" ${packages}/*.rpm`,
      ]);
    return execFileSync("gpg", [...gpg, "--armor", "--export", "site"], { encoding: "utf8" });
  } finally {
    execFileSync("gpgconf", ["--homedir", home, "--kill", "gpg-agent"], { stdio: "pipe" });
  }
}

function rpm(command: string, argv: readonly string[], defines: Readonly<Record<string, string>> = {}): void {
  const options = Object.entries(defines).flatMap(([name, value]) => ["--define", `${name} ${value}`]);
  execFileSync(command, [...options, ...argv], { stdio: "pipe" });
}

/** Sh text that makes a sandboxed machine one of the family, with rpm's database and dnf's own files in the sandbox. */
export function rpmHost({ system }: RpmSite): string {
  return `rm "$SANDBOX/dnf" "$SANDBOX/rpm"
mkdir -p /etc/rpm /etc/dnf/plugins /etc/yum.repos.d /run/dnf-cache
printf '[main]\\nenabled = false\\n' > /etc/dnf/plugins/local.conf
printf '[main]\\nenabled = true\\nlocklist = /etc/dnf/plugins/versionlock.list\\n' > /etc/dnf/plugins/versionlock.conf
touch /etc/dnf/plugins/versionlock.list
echo '%_dbpath /var/lib/rpm' > /etc/rpm/macros
printf '[main]\\ngpgcheck=1\\ncachedir=/run/dnf-cache\\nlogdir=/run\\npersistdir=/run/dnf-state\\nmodule_platform_id=platform:el9\\n' > /etc/dnf/dnf.conf
printf '[baseos]\\nname=system\\nbaseurl=file://${system}\\ngpgcheck=0\\n' > /etc/yum.repos.d/system.repo
rpm --install --nodeps --force-debian ${system}/rocky-release-9.4.rpm
`;
}
