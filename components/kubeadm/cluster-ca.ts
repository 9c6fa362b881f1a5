// Which certificate authorities are the cluster's own. A kubeconfig need not hold them: it may trust the system's, those
// of a proxy before the API server, or none.
import type { KubeApi } from "../kube/api.ts";
import { caCertHashes } from "./ca-hash.ts";

/** What is asked of a cluster. */
export type AskedForCa = Pick<KubeApi, "caBundle" | "readConfigMap">;

// The controller manager keeps it in every namespace, for pods. It comes over the connection that the kubeconfig
// authenticates, and from where nobody but administrators writes: rights on kube-public are handed out more easily.
const published = { namespace: "kube-system", name: "kube-root-ca.crt", key: "ca.crt" };

/**
 * Returns the hashes of the kubeconfig's CAs, and those that the cluster names as its own when none of `wanted` is
 * among them: an ordinary kubeconfig costs no request. Throws KubeError.
 */
export async function clusterCaHashes(
  api: AskedForCa,
  wanted: readonly string[],
): Promise<readonly string[]> {
  const ofKubeconfig = caCertHashes(api.caBundle);
  if (wanted.length === 0 || wanted.some((hash) => ofKubeconfig.includes(hash))) return ofKubeconfig;
  const data = await api.readConfigMap(published.namespace, published.name);
  return [...new Set([...ofKubeconfig, ...caCertHashes(data?.[published.key] ?? "")])];
}
