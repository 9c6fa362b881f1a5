// The table of tools that the lab runs: which version, how it is told, where the official file is,
// and which Go module builds it. Data only.

/** The tools that every lab uses. */
export const toolNames = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubelet",
  "kubeadm",
  "kubectl",
  "etcd",
  "pulumi",
  "pulumi-language-nodejs",
  "pulumi-resource-command",
  "pulumi-resource-kubernetes",
] as const;

/** The tools that only the benchmark uses, beside the lab's. */
export const benchToolNames = ["kwok"] as const;

/** The container runtime of a family of hosts, beside the one that is in their image. */
export const familyToolNames = ["containerd", "containerd-shim-runc-v2"] as const;

/** The programs in the pods of a network as kubeadm and flannel set it up; `flannel` is its CNI plugin. */
export const networkToolNames = ["kube-proxy", "flanneld", "flannel", "coredns"] as const;

/** One of the tools that every lab uses. */
export type LabToolName = (typeof toolNames)[number];

/** One of the programs of such a network. */
export type NetworkToolName = (typeof networkToolNames)[number];

/** One of all tools. */
export type ToolName =
  | LabToolName
  | (typeof benchToolNames)[number]
  | (typeof familyToolNames)[number]
  | NetworkToolName;

/** Processor architectures for which official files are known, in Go's words. */
export type Architecture = "amd64" | "arm64";

/** Places with official files; their base addresses are in {@link officialHosts}. */
export type DownloadHost = "kubernetes" | "github" | "pulumi";

/** A file on one of the hosts. */
export interface HostedFile {
  readonly host: DownloadHost;
  readonly path: (architecture: Architecture) => string;
}

/** An official file and what proves that it is the right one. */
export interface Download extends HostedFile {
  /**
   * SHA-256 sums by architecture where they are known here, otherwise the file of sums that is published
   * beside it: that one guards against a broken transfer, and against a changed file only as far as
   * its host and https can be trusted.
   */
  readonly sum: Readonly<Record<Architecture, string>> | HostedFile;
  /** Whether the file is a tar archive that holds the tool under its own name. */
  readonly isArchive: boolean;
}

/** A Go module in this folder whose `tool` lines build tools. */
export interface GoModule {
  /** Folder with go.mod and go.sum. */
  readonly folder:
    | "kubernetes"
    | "etcd"
    | "pulumi"
    | "kwok"
    | "containerd"
    | "flannel"
    | "flannel-cni"
    | "coredns";
  readonly linkerFlags: string;
  /** What is built of it, where that is not everything. @defaultValue `tool`, all its tool lines */
  readonly packages?: readonly string[];
  /** Built without C, it runs in images that hold nothing else. */
  readonly isStatic?: boolean;
  /** Name under which `go build` writes the tool, when it is not the tool's own. */
  readonly outputName?: string;
}

/** One row of the table. */
export interface Tool {
  readonly version: string;
  /**
   * How a program found on this machine tells its version: arguments, and a pattern whose first group is it.
   * Absent where the program cannot tell: then it is taken only from a place that tells it.
   */
  readonly tellsVersion?: { readonly args: readonly string[]; readonly pattern: RegExp };
  /** A tool of the same release in the same folder, whose version speaks for this one. */
  readonly releasedWith?: ToolName;
  /** Where Pulumi itself installs it, below its home folder. */
  readonly pulumiHomePath?: string;
  /** Absent where the project publishes no sums of its files: then it is built. */
  readonly download?: Download;
  readonly goModule?: GoModule;
  /** The lab's own stand-in, in lab/stand-ins, for what no Go module builds. */
  readonly standIn?: string;
}

const kubernetesVersion = "1.34.4";
const etcdVersion = "3.6.7";
const pulumiVersion = "3.276.0";
const commandPluginVersion = "1.2.1";
const kubernetesPluginVersion = "4.34.2";
const kwokVersion = "0.8.0";
const containerdVersion = "2.3.7";
/** The newest of which all modules are served; the plugin is of the last release that was one of the CNI project's. */
const flannelVersion = "0.27.4";
const flannelPluginVersion = "0.9.1";
/** The one that kubeadm of this version deploys. */
const corednsVersion = "1.12.1";

/** Base addresses of the official hosts. */
export const officialHosts: Readonly<Record<DownloadHost, string>> = {
  kubernetes: "https://dl.k8s.io",
  github: "https://github.com",
  pulumi: "https://get.pulumi.com",
};

// Without its version kubeadm refuses to work, and nodes report v0.0.0.
const kubernetesVersionPackage = "k8s.io/component-base/version";
const kubernetesModule: GoModule = {
  folder: "kubernetes",
  packages: [
    ...["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubeadm", "kubectl", "kubelet"],
  ].map((name) => `k8s.io/kubernetes/cmd/${name}`),
  linkerFlags: [
    "-s -w",
    `-X ${kubernetesVersionPackage}.gitVersion=v${kubernetesVersion}`,
    `-X ${kubernetesVersionPackage}.gitMajor=${kubernetesVersion.split(".")[0]}`,
    `-X ${kubernetesVersionPackage}.gitMinor=${kubernetesVersion.split(".")[1]}`,
    `-X ${kubernetesVersionPackage}.gitTreeState=clean`,
  ].join(" "),
};

/** Not every lab has one: it is built by itself. */
const kubeProxyModule: GoModule = { ...kubernetesModule, packages: ["k8s.io/kubernetes/cmd/kube-proxy"] };

/** `<program> --version` says `Kubernetes v1.34.4`. */
const tellsKubernetesVersion = { args: ["--version"], pattern: /^Kubernetes v(\S+)$/m };

function kubernetesTool(
  name: ToolName,
  tellsVersion: NonNullable<Tool["tellsVersion"]>,
  pinnedSum?: Readonly<Record<Architecture, string>>,
): Tool {
  const path = (architecture: Architecture) =>
    `/release/v${kubernetesVersion}/bin/linux/${architecture}/${name}`;
  const publishedSum: HostedFile = { host: "kubernetes", path: (arch) => `${path(arch)}.sha256` };
  return {
    version: kubernetesVersion,
    tellsVersion,
    download: { host: "kubernetes", path, sum: pinnedSum ?? publishedSum, isArchive: false },
    goModule: kubernetesModule,
  };
}

const pulumiArchive: Download = {
  host: "pulumi",
  path: (architecture) =>
    `/releases/sdk/pulumi-v${pulumiVersion}-linux-${architecture === "amd64" ? "x64" : "arm64"}.tar.gz`,
  sum: { host: "pulumi", path: () => `/releases/sdk/pulumi-${pulumiVersion}-checksums.txt` },
  isArchive: true,
};

function pulumiPlugin(plugin: "command" | "kubernetes", version: string): Tool {
  const program = `pulumi-resource-${plugin}`;
  return {
    version,
    pulumiHomePath: `plugins/resource-${plugin}-v${version}/${program}`,
    download: {
      host: "pulumi",
      path: (architecture) => `/releases/plugins/${program}-v${version}-linux-${architecture}.tar.gz`,
      // get.pulumi.com has no sums of plugins; the project's release page has them.
      sum: {
        host: "github",
        path: () =>
          `/pulumi/pulumi-${plugin}/releases/download/v${version}/pulumi-${plugin}_${version}_checksums.txt`,
      },
      isArchive: true,
    },
    standIn: program,
  };
}

const containerdRelease = `/containerd/containerd/releases/download/v${containerdVersion}`;
const containerdFile = (architecture: Architecture) =>
  `containerd-${containerdVersion}-linux-${architecture}.tar.gz`;
const containerdArchive: Download = {
  host: "github",
  path: (architecture) => `${containerdRelease}/${containerdFile(architecture)}`,
  sum: {
    host: "github",
    path: (architecture) => `${containerdRelease}/${containerdFile(architecture)}.sha256sum`,
  },
  isArchive: true,
};

const containerdModule: GoModule = {
  folder: "containerd",
  linkerFlags: `-s -w -X github.com/containerd/containerd/v2/version.Version=v${containerdVersion}`,
  // Hosts have another C library; and what needs one here is the driver of a file system.
  isStatic: true,
};

function corednsArchive(architecture: Architecture): string {
  return `coredns_${corednsVersion}_linux_${architecture}.tgz`;
}

/** All tools. The pinned sums of kubelet, kubeadm and kubectl are those that kubespray pins. */
export const tools: Readonly<Record<ToolName, Tool>> = {
  "kube-apiserver": kubernetesTool("kube-apiserver", tellsKubernetesVersion),
  "kube-controller-manager": kubernetesTool("kube-controller-manager", tellsKubernetesVersion),
  "kube-scheduler": kubernetesTool("kube-scheduler", tellsKubernetesVersion),
  kubelet: kubernetesTool("kubelet", tellsKubernetesVersion, {
    amd64: "03b8fea715a7ef82eeaf518dee34c72670c57cc7bc40dc1320c04fbf4f15172f",
    arm64: "c78845473c434ee85a2444eeab87f8b20f524e3ab6854a078f79468f44aad8f5",
  }),
  kubeadm: kubernetesTool(
    "kubeadm",
    { args: ["version", "--output=short"], pattern: /^v(\S+)$/m },
    {
      amd64: "b967f1fa0e36621c402d38bb560eb4a943954d5cf5a00e5150842f6f5da73455",
      arm64: "d8028b7e8c8d6c9b3fc3da6bc88d4d0cfb33df1b4b026a7d6e8c35d1471c9f6e",
    },
  ),
  kubectl: kubernetesTool(
    "kubectl",
    { args: ["version", "--client"], pattern: /^Client Version: v(\S+)$/m },
    {
      amd64: "d50c359d95e0841eaad08ddc27c7be37cba8fdccfba5c8e2ded65e121ff112db",
      arm64: "5b982c0644ab1e27780246b9085a5886651b4a7ed86243acbb2bacc1bea01dda",
    },
  ),
  etcd: {
    version: etcdVersion,
    tellsVersion: { args: ["--version"], pattern: /^etcd Version: (\S+)$/m },
    download: {
      host: "github",
      path: (architecture) =>
        `/etcd-io/etcd/releases/download/v${etcdVersion}/etcd-v${etcdVersion}-linux-${architecture}.tar.gz`,
      sum: { host: "github", path: () => `/etcd-io/etcd/releases/download/v${etcdVersion}/SHA256SUMS` },
      isArchive: true,
    },
    goModule: { folder: "etcd", linkerFlags: "-s -w", outputName: "server" },
  },
  pulumi: {
    version: pulumiVersion,
    tellsVersion: { args: ["version"], pattern: /^v?(\S+)$/m },
    pulumiHomePath: "bin/pulumi",
    download: pulumiArchive,
    goModule: {
      folder: "pulumi",
      linkerFlags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${pulumiVersion}`,
    },
  },
  "pulumi-language-nodejs": {
    version: pulumiVersion,
    releasedWith: "pulumi",
    pulumiHomePath: "bin/pulumi-language-nodejs",
    download: pulumiArchive,
    standIn: "pulumi-language-nodejs",
  },
  "pulumi-resource-command": pulumiPlugin("command", commandPluginVersion),
  "pulumi-resource-kubernetes": pulumiPlugin("kubernetes", kubernetesPluginVersion),
  kwok: {
    version: kwokVersion,
    tellsVersion: { args: ["--version"], pattern: /^kwok version v(\S+)/m },
    goModule: { folder: "kwok", linkerFlags: "-s -w" },
  },
  containerd: {
    version: containerdVersion,
    tellsVersion: { args: ["--version"], pattern: /^containerd \S+ v(\S+)/m },
    download: containerdArchive,
    goModule: containerdModule,
  },
  "containerd-shim-runc-v2": {
    version: containerdVersion,
    releasedWith: "containerd",
    download: containerdArchive,
    goModule: containerdModule,
  },
  "kube-proxy": { ...kubernetesTool("kube-proxy", tellsKubernetesVersion), goModule: kubeProxyModule },
  flanneld: {
    version: flannelVersion,
    goModule: {
      folder: "flannel",
      // Its backend udp is written in C on amd64: it needs gcc, and the C library that is in its image.
      linkerFlags: `-s -w -X github.com/flannel-io/flannel/pkg/version.Version=v${flannelVersion}`,
      outputName: "flannel",
    },
  },
  flannel: {
    version: flannelPluginVersion,
    goModule: { folder: "flannel-cni", linkerFlags: "-s -w", isStatic: true },
  },
  coredns: {
    version: corednsVersion,
    tellsVersion: { args: ["-version"], pattern: /^CoreDNS-(\S+)$/m },
    download: {
      host: "github",
      path: (architecture) =>
        `/coredns/coredns/releases/download/v${corednsVersion}/${corednsArchive(architecture)}`,
      sum: {
        host: "github",
        path: (architecture) =>
          `/coredns/coredns/releases/download/v${corednsVersion}/${corednsArchive(architecture)}.sha256`,
      },
      isArchive: true,
    },
    goModule: { folder: "coredns", packages: ["."], linkerFlags: "-s -w", isStatic: true },
  },
};
