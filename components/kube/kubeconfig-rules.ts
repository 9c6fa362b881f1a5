// What fields of a kubeconfig must be together: what kubectl refuses (k8s.io/client-go/tools/clientcmd/validation.go),
// and the little that kubectl does and this program does not. Pure; each rule returns what is wrong, or nothing.
import type { ClusterEntry, ExecEntry, UserEntry } from "./kubeconfig-fields.ts";

/** A field and what is wrong with it. */
export type Fault = readonly [field: string, text: string];

/** Tells what is wrong with the cluster of the context. */
export function clusterFault(cluster: ClusterEntry): Fault | undefined {
  const { server, "proxy-url": proxy } = cluster;
  if (server === undefined) return ["server", "missing. Give the address of the API server"];
  const serverText = addressFault(server, ["https:", "http:"], "https://");
  if (serverText) return ["server", serverText];
  if (cluster["certificate-authority"] && cluster["certificate-authority-data"])
    return bothGiven("certificate-authority");
  if (
    cluster["insecure-skip-tls-verify"] &&
    (cluster["certificate-authority"] ?? cluster["certificate-authority-data"])
  ) {
    return ["insecure-skip-tls-verify", "true beside a certificate authority. Keep the authority alone"];
  }
  const proxyText = proxy && addressFault(proxy, ["http:", "https:", "socks5:"], "http://");
  return proxyText ? ["proxy-url", proxyText] : undefined;
}

function addressFault(address: string, schemes: readonly string[], first: string): string | undefined {
  const allowed = `allowed: an address that begins with ${schemes.map((scheme) => `${scheme}//`).join(", ")}`;
  if (!URL.canParse(address) || !address.includes("://"))
    return `not an address; ${allowed}, such as ${first}10.0.0.1:6443`;
  return schemes.includes(new URL(address).protocol) ? undefined : `of another scheme; ${allowed}`;
}

function bothGiven(field: string): Fault {
  return [`${field}-data`, `given, and ${field} as well. Keep one of the two`];
}

/** Tells what is wrong with the user of the context. */
export function userFault(user: UserEntry): Fault | undefined {
  return (
    certificateFault(user) ??
    methodsFault(user) ??
    impersonationFault(user) ??
    (user.exec && execFault(user.exec)) ??
    providerFault(user["auth-provider"])
  );
}

function certificateFault(user: UserEntry): Fault | undefined {
  for (const field of ["client-certificate", "client-key"] as const)
    if (user[field] && user[`${field}-data`]) return bothGiven(field);
  const hasCertificate = (user["client-certificate"] ?? user["client-certificate-data"]) !== undefined;
  const hasKey = (user["client-key"] ?? user["client-key-data"]) !== undefined;
  if (hasCertificate === hasKey) return undefined;
  return hasCertificate
    ? ["client-key", "missing beside client-certificate. Give the certificate's key"]
    : ["client-certificate", "missing beside client-key. Give the key's certificate"];
}

function methodsFault(user: UserEntry): Fault | undefined {
  if ((user.username ?? user.password) !== undefined && user.token !== undefined)
    return ["username", "given beside a token. Keep one way to log in"];
  if (user.exec && user["auth-provider"])
    return ["exec", "given beside auth-provider. Keep one way to log in"];
  return undefined;
}

function impersonationFault(user: UserEntry): Fault | undefined {
  const field = (["as-uid", "as-groups", "as-user-extra"] as const).find((name) => user[name] !== undefined);
  return field && user.as === undefined ? [field, "given without `as`. Name the user in `as`"] : undefined;
}

const execVersions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

function execFault({ command, apiVersion, env, interactiveMode }: ExecEntry): Fault | undefined {
  if (command === undefined) return ["exec.command", "missing. Give the program that prints the credential"];
  if (apiVersion === undefined || !execVersions.includes(apiVersion))
    return ["exec.apiVersion", `${apiVersion ? "too old or unknown" : "missing"}. Give ${execVersions[0]}`];
  if (env?.some(({ name }) => name === undefined))
    return ["exec.env", "has an entry without a name. Give each a name"];
  if (interactiveMode === "Always") {
    return [
      "exec.interactiveMode",
      "Always, and nobody can be asked here. Log in with the command's own tool first and write IfAvailable, or give a token",
    ];
  }
  const modes = ["Never", "IfAvailable"];
  return interactiveMode === undefined || modes.includes(interactiveMode)
    ? undefined
    : ["exec.interactiveMode", `neither of ${modes.join(", ")}, Always`];
}

function providerFault(provider: UserEntry["auth-provider"]): Fault | undefined {
  if (provider === undefined) return undefined;
  const remedy =
    "Use exec with the provider's own command (kubelogin, gke-gcloud-auth-plugin, kubectl oidc-login)";
  if (provider.name !== "oidc")
    return ["auth-provider", `neither kubectl nor this program knows it any more. ${remedy}`];
  if (provider.config?.["id-token"]) return undefined;
  return ["auth-provider", `has no id-token, and nobody can be asked for one here. ${remedy}`];
}

/** Tells when a token of an OpenID provider ends, in seconds since 1970; undefined when it does not say. */
export function endOfToken(idToken: string): number | undefined {
  try {
    const payload: unknown = JSON.parse(Buffer.from(idToken.split(".")[1] ?? "", "base64url").toString());
    const { exp } = payload as { exp?: unknown };
    return typeof exp === "number" ? exp : undefined;
  } catch {
    return undefined;
  }
}
