// Whether the token of a host's join was used for that host's certificate only. A bootstrap token names no node: whoever
// holds it may ask for the certificate of any, and kubeadm's clusters approve that at once (cluster-api#4219).
import type { CertificateRequest } from "../../kube/api.ts";
import { KubeError } from "../../kube/kube-error.ts";
import { commonNamesIn } from "../../kubeadm/certificate-request.ts";
import { oneLine } from "../../model/foreign-text.ts";
import type { Operation } from "../operation.ts";
import type { Progress } from "../progress.ts";

/** Identifies a join: the node, and the public half of its token. */
export interface TokenUse {
  readonly node: string;
  readonly tokenId: string;
}

/** Says which other certificates were asked for with a token; nothing when there are none. Pure. */
export function describeMisuse(
  { node, tokenId }: TokenUse,
  requests: readonly CertificateRequest[],
): string | undefined {
  const own = `system:node:${node}`;
  const foreign = requests.flatMap(({ name, username, request }) => {
    if (username !== `system:bootstrap:${tokenId}`) return [];
    const names = commonNamesIn(request);
    if (names.length > 0 && names.every((asked) => asked === own)) return [];
    const others = names.filter((asked) => asked !== own).join(", ");
    return [`${oneLine(others) || "something that cannot be read"} (CertificateSigningRequest ${name})`];
  });
  if (foreign.length === 0) return undefined;
  return `joining node "${node}": its bootstrap token was also used to ask for ${foreign.join("; ")}. Whoever is root on that host may act as these nodes by now, for a year. Take the host off the network and look into it (\`kubectl get csr\`), remove it, and give the other nodes new credentials; once that is done, delete these requests and run again`;
}

/**
 * Fails when the token that a host has just joined with was used for another node's certificate. To be asked after the
 * token is revoked. Only warns where the identity may not ask.
 */
export async function requireOwnRequests(
  operation: Operation,
  use: TokenUse,
  progress: Progress,
): Promise<void> {
  const misuse = await readRequests(operation, progress).then((requests) => describeMisuse(use, requests));
  if (misuse !== undefined) throw new Error(misuse);
}

async function readRequests(operation: Operation, progress: Progress): Promise<CertificateRequest[]> {
  try {
    return await operation.kube.listCertificateRequests();
  } catch (error) {
    if (!(error instanceof KubeError && error.failure.status === 403)) throw error;
    if (operation.isFirst("certificate requests are not looked at"))
      await progress.warn(
        `whether bootstrap tokens were used for their own hosts only is not checked: ${error.message}. An administrator's next \`pulumi up\` gives an identity of cluster.access that right`,
      );
    return [];
  }
}
