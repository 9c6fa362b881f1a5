// Mints a bootstrap token and renders the JoinConfiguration around it.
import type { KubeApi } from "../../kube/api.ts";
import { newBootstrapToken, tokenExpiration } from "../../kubeadm/bootstrap-token.ts";
import { renderJoinConfiguration } from "../../kubeadm/join-configuration.ts";
import type { ClusterState } from "./cluster-state.ts";
import type { EnrollmentInputs, EnrollmentOutputs } from "./state.ts";

/** Replaces any token left from an earlier try. */
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
  const joinConfiguration = renderJoinConfiguration({
    ...machine,
    nodeName: inputs.node,
    token: token.token,
    server: cluster.server,
    caBundle: cluster.caBundle,
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
