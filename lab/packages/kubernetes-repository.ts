// Packs kubelet, kubeadm and network plugins as Kubernetes' own packages do, in a repository laid out like pkgs.k8s.io.
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runCommand } from "../processes/run-command.ts";
import { tools } from "../toolchain/tools.ts";
import { signIndex, writeDebianIndex } from "./apt-index.ts";

/** The version that hosts are prepared with. */
export const packagedVersion = tools.kubelet.version;

/** One newer than every real one: an update that must pass a held host by. There is only a name to it. */
export const nextVersion = packagedVersion.replace(/\d+$/, (patch) => String(Number(patch) + 1));

/** Path of the repository below the site; the address that hosts get ends before `/deb`. */
export const repositoryPath = `v${packagedVersion.split(".").slice(0, 2).join(".")}`;

const units = join(import.meta.dirname, "../hosts/image/etc/systemd/system");
const kubeletUnit = "usr/lib/systemd/system/kubelet.service";

interface Package {
  readonly name: string;
  readonly version: string;
  readonly depends?: string;
  /** Files on this machine by their path in the package. */
  readonly files: Readonly<Record<string, string>>;
}

/** Writes the repository into the site, whose debian/ has the network plugins. */
export async function writeKubernetesRepository(
  site: string,
  work: string,
  { kubelet, kubeadm }: { readonly kubelet: string; readonly kubeadm: string },
): Promise<void> {
  const folder = join(site, repositoryPath, "deb");
  mkdirSync(folder, { recursive: true });
  const plugins = await unpackPlugins(join(site, "debian"), join(work, "plugins"));
  const ofVersion = (version: string, kubeletFile: string, kubeadmFile: string): Package[] => [
    {
      name: "kubelet",
      version,
      depends: "iptables, kubernetes-cni, iproute2, mount, util-linux, ethtool, conntrack",
      files: { "usr/bin/kubelet": kubeletFile, [kubeletUnit]: join(units, "kubelet.service") },
    },
    {
      name: "kubeadm",
      version,
      files: {
        "usr/bin/kubeadm": kubeadmFile,
        [`${kubeletUnit}.d/10-kubeadm.conf`]: join(units, "kubelet.service.d/10-kubeadm.conf"),
      },
    },
  ];
  const packages: Package[] = [
    { name: "kubernetes-cni", version: "1.1.1", files: { "opt/cni/bin": plugins } },
    ...ofVersion(packagedVersion, kubelet, kubeadm),
    ...ofVersion(nextVersion, "/bin/true", "/bin/true"),
  ];
  for (const each of packages) await pack(each, join(work, "package"), folder);
  await writeDebianIndex(folder);
  await signIndex(folder, join(work, "keys"));
  rmSync(work, { recursive: true });
}

async function unpackPlugins(pool: string, target: string): Promise<string> {
  const archive = readdirSync(pool).find((name) => name.startsWith("containernetworking-plugins_")) ?? "";
  mkdirSync(target, { recursive: true });
  await runCommand(["dpkg-deb", "--extract", join(pool, archive), target]);
  return join(target, "usr/lib/cni");
}

async function pack({ name, version, depends, files }: Package, root: string, target: string): Promise<void> {
  rmSync(root, { recursive: true, force: true });
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    cpSync(source, join(root, path), { recursive: true });
  }
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const control = [
    `Package: ${name}`,
    `Version: ${version}-1.1`,
    `Architecture: ${architecture}`,
    "Maintainer: lab <lab@lab.local>",
    ...(depends === undefined ? [] : [`Depends: ${depends}`]),
    `Description: ${name} for the lab's hosts`,
    "",
  ];
  mkdirSync(join(root, "DEBIAN"), { recursive: true });
  writeFileSync(join(root, "DEBIAN/control"), control.join("\n"));
  const deb = join(target, `${name}_${version}-1.1_${architecture}.deb`);
  await runCommand(["dpkg-deb", "--root-owner-group", "-Znone", "--build", root, deb]);
}
