// The pod that the program runs in, where a runner in a cluster runs it: a drain of that pod's node would end the run.
import { readFileSync } from "node:fs";

/** Where Kubernetes puts the token of a pod's account. */
const tokenFile = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/**
 * Returns the pod's uid, which no pod of another cluster has; undefined where the program is in no pod, or in one without
 * its account's token. The token names the pod that it was made for:
 * https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens
 */
export function ownPod(file: string = tokenFile): string | undefined {
  try {
    const [, claims = ""] = readFileSync(file, "utf8").split(".");
    const uid: unknown = JSON.parse(Buffer.from(claims, "base64url").toString())["kubernetes.io"]?.pod?.uid;
    return typeof uid === "string" ? uid : undefined;
  } catch {
    return undefined;
  }
}
