// What inspect.sh found on a host, as facts to decide on. Pure.
import { X509Certificate } from "node:crypto";
import { listLimit, oneLine } from "../model/foreign-text.ts";
import { caCertHashes } from "./ca-hash.ts";
import { type OwnerMarker, parseMarker } from "./marker.ts";

/** Holds the facts about one host before anything on it is changed. */
export interface HostFindings {
  readonly machineId: string;
  readonly hostname: string;
  /** `ID` and `VERSION_ID` of os-release, such as `debian 13`. */
  readonly os: string;
  readonly systemd: boolean;
  /** Such as `v1.34.4`; undefined when not installed. */
  readonly kubeadmVersion?: string;
  readonly kubeletVersion?: string;
  /** URLs of the container runtimes that serve CRI; of a joined host its kubelet's own one alone. */
  readonly criSockets: readonly string[];
  /** URLs of those that do not, as Docker's package leaves containerd (kubeadm#2794). */
  readonly criSilent: readonly string[];
  /** Nothing starts its unit at boot: the kubelet would be gone after the next one. */
  readonly kubeletDisabled: boolean;
  /** Units of runtimes that serve CRI now, and that nothing starts at boot. */
  readonly runtimesDisabled: readonly string[];
  /** Settings of the kernel that are not as kubelets want them, as lines of sysctl.d that would make them so. */
  readonly kernelSettings: readonly string[];
  /** What the kubelet says of the flags that the host adds, such as `unknown flag: --network-plugin in /etc/default/kubelet`. */
  readonly kubeletComplaint?: string;
  /** Where programs were looked for. */
  readonly searchPath: string;
  readonly cgroupV2: boolean;
  readonly kubeletActive: boolean;
  /** Something listens on kubelet's port 10250. */
  readonly kubeletPortInUse: boolean;
  /** Those of kubeadm's files that exist, with their full paths. */
  readonly files: readonly string[];
  /** Pins of every certificate authority that the host's Kubernetes files name. */
  readonly caHashes: readonly string[];
  /** API server URL in kubelet.conf. */
  readonly kubeletServer?: string;
  readonly nodeCertificate?: NodeCertificate;
  /** Traces of other Kubernetes distributions, such as `k3s (/etc/rancher/k3s)`. */
  readonly otherDistributions: readonly string[];
  readonly marker?: OwnerMarker;
  readonly swap: boolean;
  readonly ipForward: boolean;
  /** Host's clock. */
  readonly clock: Date;
  /** Links, CNI files and kubelet state that an earlier membership left. */
  readonly leftovers: readonly string[];
  /** A join or reset holds the host's lock now. */
  readonly busy: boolean;
}

/** Holds what the kubelet's client certificate says. */
export interface NodeCertificate {
  readonly nodeName: string;
  readonly expires: Date;
}

/** Reads inspect.sh's output: `key=value` lines, of which some keys repeat. Throws when it is incomplete. */
export function parseFindings(output: string): HostFindings {
  const values = collect(output);
  const one = (key: string): string => values.get(key)?.[0] ?? "";
  const many = (key: string): string[] => values.get(key) ?? [];
  const yes = (key: string): boolean => one(key) === "yes";
  if (!yes("complete")) {
    throw new Error("reading the findings of inspect.sh: the output is incomplete. Run again.");
  }
  const certificate = nodeCertificate(many("node_certificate").join("\n"));
  return {
    machineId: one("machine_id"),
    hostname: one("hostname"),
    os: one("os"),
    systemd: yes("systemd"),
    ...optional("kubeadmVersion", one("kubeadm")),
    ...optional("kubeletVersion", one("kubelet").replace(/^Kubernetes /, "")),
    criSockets: many("cri_socket"),
    criSilent: many("cri_silent"),
    kubeletDisabled: yes("kubelet_disabled"),
    runtimesDisabled: many("runtime_disabled"),
    kernelSettings: many("kernel_setting"),
    ...optional("kubeletComplaint", one("kubelet_complaint")),
    searchPath: one("path"),
    cgroupV2: yes("cgroup_v2"),
    kubeletActive: yes("kubelet_active"),
    kubeletPortInUse: yes("kubelet_port_in_use"),
    files: many("file"),
    caHashes: hashesOf(many("ca_pem").join("\n"), many("ca_data")),
    ...optional("kubeletServer", one("kubelet_server")),
    ...(certificate === undefined ? {} : { nodeCertificate: certificate }),
    otherDistributions: many("other"),
    ...(values.has("marker") ? { marker: parseMarker(many("marker").join("\n")) } : {}),
    swap: yes("swap"),
    ipForward: yes("ip_forward"),
    clock: new Date(Number(one("clock")) * 1000),
    leftovers: many("leftover"),
    busy: yes("busy"),
  };
}

/** Lines of certificates, which no message quotes. */
const evidence = new Set(["ca_pem", "ca_data", "node_certificate"]);

function collect(output: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const line of output.split("\n")) {
    const separator = line.indexOf("=");
    if (separator <= 0) continue;
    const [key, value] = [line.slice(0, separator), line.slice(separator + 1)];
    const known = values.get(key) ?? [];
    values.set(key, known);
    if (evidence.has(key)) known.push(value);
    else if (known.length < listLimit) known.push(oneLine(value));
  }
  return values;
}

function optional<Key extends string>(key: Key, value: string): { [K in Key]?: string } {
  return (value === "" ? {} : { [key]: value }) as { [K in Key]?: string };
}

// In a rotation there are two.
const mostAuthorities = 20;

/** Pins of ca.crt and of the bundles inside kubeconfig files, each once. */
function hashesOf(pem: string, encodedBundles: readonly string[]): string[] {
  const bundles = [pem, ...encodedBundles.map((data) => Buffer.from(data, "base64").toString("utf8"))];
  return [...new Set(bundles.flatMap(caCertHashes))].slice(0, mostAuthorities);
}

function nodeCertificate(pem: string): NodeCertificate | undefined {
  const [block] = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/) ?? [];
  if (block === undefined) {
    return undefined;
  }
  const certificate = new X509Certificate(block);
  const nodeName = oneLine(/^CN=system:node:(.+)$/m.exec(certificate.subject)?.[1] ?? "");
  return { nodeName, expires: new Date(certificate.validTo) };
}
