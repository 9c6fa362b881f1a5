// The Secret in which kubeadm's bootstrap tokens are kept. Pure.
// Reference: kubernetes cmd/kubeadm/app/apis/bootstraptoken/v1/utils.go.
import type { V1Secret } from "@kubernetes/client-node";
import type { BootstrapTokenRequest } from "./api.ts";

/** Secret type that the token authenticator looks for. */
const bootstrapTokenType = "bootstrap.kubernetes.io/token";

/** Names the Secret of a token; the authenticator accepts no other name. */
export function bootstrapTokenName(tokenId: string): string {
  return `bootstrap-token-${tokenId}`;
}

/** Renders the Secret of a token that authenticates a joining kubelet, and does nothing else. */
export function renderBootstrapToken(token: BootstrapTokenRequest): V1Secret {
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: bootstrapTokenType,
    metadata: { name: bootstrapTokenName(token.tokenId), namespace: "kube-system" },
    stringData: {
      "token-id": token.tokenId,
      "token-secret": token.tokenSecret,
      expiration: token.expiration,
      description: token.description,
      "usage-bootstrap-authentication": "true",
      "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
    },
  };
}
