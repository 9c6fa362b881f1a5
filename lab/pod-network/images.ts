// Makes the container images that kubeadm's and flannel's pods run, from programs on this machine. Pure.
import { type ImageContent, packImages } from "../hosts/docker-archive.ts";
import { type ArchiveEntry, packArchive } from "../hosts/ustar.ts";
import { type NetworkToolName, tools } from "../toolchain/tools.ts";

/** What the images are made of. */
export interface ImageParts {
  readonly programs: Readonly<Record<NetworkToolName, Buffer>>;
  /** Must be linked statically. */
  readonly busybox: Buffer;
  /** Tar archive with what iptables, nft and conntrack need; /bin and /lib may be links to /usr in it. */
  readonly base: Buffer;
}

const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** kubeadm names its images by its own version, flannel's file names them as they are here. */
const references = {
  proxy: `registry.k8s.io/kube-proxy:v${tools["kube-proxy"].version}`,
  dns: `registry.k8s.io/coredns/coredns:v${tools.coredns.version}`,
  flannel: `ghcr.io/flannel-io/flannel:v${tools.flanneld.version}`,
  plugin: "ghcr.io/flannel-io/flannel-cni-plugin:v1.8.0-flannel1",
} as const;

/** iptables has a name for each of its programs; which of its two kinds they are, Debian decides when it is installed. */
const iptables: readonly ArchiveEntry[] = ["iptables", "ip6tables"]
  .flatMap((name) => [name, `${name}-save`, `${name}-restore`])
  .map((name) => ({ path: `usr/sbin/${name}`, link: "xtables-nft-multi" }));

/** Packs all images into one archive. */
export function networkImages({ programs, busybox, base }: ImageParts, architecture: string): Buffer {
  const shell: readonly ArchiveEntry[] = [
    { path: "usr/bin/busybox", data: busybox },
    ...["sh", "cp"].map((name) => ({ path: `usr/bin/${name}`, link: "busybox" })),
  ];
  const filters = [base, packArchive([...iptables, ...shell])];
  const images = [
    image(references.proxy, [...filters, program("usr/local/bin/kube-proxy", programs["kube-proxy"])]),
    image(references.flannel, [...filters, program("opt/bin/flanneld", programs.flanneld)]),
    image(references.plugin, [packArchive(shell), program("flannel", programs.flannel)]),
    image(references.dns, [program("coredns", programs.coredns)], ["/coredns"]),
  ];
  return packImages(images, architecture);
}

function image(
  reference: string,
  layers: readonly Buffer[],
  entrypoint: readonly string[] = [],
): ImageContent {
  return { reference, layers, config: { Entrypoint: entrypoint, Env: [path] } };
}

function program(place: string, data: Buffer): Buffer {
  return packArchive([{ path: place, data }]);
}
