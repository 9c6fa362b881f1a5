// Mints a bootstrap token that is sure to work and renders the JoinConfiguration around it.
import type { KubeApi } from "../../kube/api.ts";
import { newBootstrapToken, tokenExpiration } from "../../kubeadm/bootstrap-token.ts";
import { parseClusterInfo } from "../../kubeadm/cluster-info.ts";
import { renderJoinConfiguration } from "../../kubeadm/join-configuration.ts";
import type { ClusterState } from "./cluster-state.ts";
import type { EnrollmentInputs, EnrollmentOutputs } from "./state.ts";

// The signer looks again up to a minute late after an outage of the API server (client-go tools/cache/reflector.go).
const signatureDeadlineSeconds = 90;

/** Replaces any token left from an earlier try; on failure no token stays behind. */
export async function prepareJoin(
  api: KubeApi,
  inputs: EnrollmentInputs,
  cluster: ClusterState,
  machine: { readonly kubeadmVersion: string; readonly criSocket: string },
): Promise<Pick<EnrollmentOutputs, "tokenId" | "joinConfiguration">> {
  const description = `nodepools: joins ${inputs.node} for ${inputs.owner}`;
  await revokeTokens(api, description);
  const token = newBootstrapToken();
  await api.createBootstrapToken({ ...token, expiration: tokenExpiration(new Date()), description });
  try {
    await waitForSignature(api, token.tokenId);
  } catch (error) {
    await api.deleteBootstrapToken(token.tokenId);
    throw error;
  }
  const joinConfiguration = renderJoinConfiguration({
    ...machine,
    nodeName: inputs.node,
    token: token.token,
    apiServerEndpoint: cluster.endpoint,
    caCertHashes: cluster.caHashes,
    taints: inputs.registration.taints,
    labels: inputs.registration.labels,
  });
  return { tokenId: token.tokenId, joinConfiguration };
}

/** Deletes the bootstrap tokens with this description. */
async function revokeTokens(api: KubeApi, description: string): Promise<void> {
  const tokens = await api.listBootstrapTokens();
  const former = tokens.filter((token) => token.description === description);
  await Promise.all(former.map((token) => api.deleteBootstrapToken(token.tokenId)));
}

/** Waits until cluster-info is signed with the token: without it `kubeadm join` waits in silence for five minutes. */
async function waitForSignature(api: KubeApi, tokenId: string): Promise<void> {
  const deadline = Date.now() + signatureDeadlineSeconds * 1000;
  while (Date.now() < deadline) {
    const data = await api.readConfigMap("kube-public", "cluster-info");
    if (data !== undefined && parseClusterInfo(data).signedTokenIds.includes(tokenId)) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(
    `waiting for the signature of bootstrap token ${tokenId} in kube-public/cluster-info: none after ${signatureDeadlineSeconds} s. Is kube-controller-manager running, with the bootstrapsigner controller enabled?`,
  );
}
