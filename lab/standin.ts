// TEMPORARY stand-ins for lab/toolchain until it exists.
export type ToolName = "kube-apiserver" | "kube-controller-manager" | "kube-scheduler" | "kubelet" | "kubeadm" | "kubectl" | "etcd" | "pulumi" | "pulumi-language-nodejs" | "pulumi-resource-command";
export async function ensureTools(names: readonly ToolName[], _note: (t: string) => void): Promise<Record<ToolName, string>> {
  return Object.fromEntries(names.map((n) => [n, n === "etcd" ? "/tmp/warm/etcd/server" : n.startsWith("pulumi") ? `/tmp/warm/pulumi/${n}` : `/tmp/warm/k8s/${n}`])) as Record<ToolName, string>;
}
export async function ensureDebianPackages(_names: readonly string[], _note: (t: string) => void): Promise<void> {}
export async function withLock<T>(_path: string, _note: (t: string) => void, work: () => Promise<T>): Promise<T> { return work(); }
