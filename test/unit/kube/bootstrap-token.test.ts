// The Secret behind a bootstrap token.
import { expect, it } from "vitest";
import { renderBootstrapToken } from "../../../components/kube/bootstrap-token.ts";

const request = {
  tokenId: "abcdef",
  tokenSecret: "0123456789abcdef",
  expiration: "2030-01-01T00:00:00Z",
  description: "joins w1",
};

it("renders a token that may authenticate a joining kubelet and nothing else", () => {
  expect(renderBootstrapToken(request)).toEqual({
    apiVersion: "v1",
    kind: "Secret",
    type: "bootstrap.kubernetes.io/token",
    metadata: { name: "bootstrap-token-abcdef", namespace: "kube-system" },
    stringData: {
      "token-id": "abcdef",
      "token-secret": "0123456789abcdef",
      expiration: "2030-01-01T00:00:00Z",
      description: "joins w1",
      "usage-bootstrap-authentication": "true",
      "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
    },
  });
});
