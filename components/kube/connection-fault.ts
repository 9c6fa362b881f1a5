// What went wrong on the way to a server when no answer of an API server came. Pure.
import { oneLine } from "../model/foreign-text.ts";

/** Where a request was sent, as the kubeconfig says. */
export interface Destination {
  readonly server: string;
  /** Whether the kubeconfig holds a certificate authority; else the system's count. */
  readonly hasCa: boolean;
  readonly proxy?: string | undefined;
}

/** Reports an answer that is no API server's. */
export class ForeignAnswer extends Error {}

// Asking again cannot change these: the server's certificate, what it speaks, or a name that has never been found.
const lasting = /CERT|TLS|SSL|UNABLE_TO|^INVALID_|PATH_LENGTH|^HPE_/;
const unknownName = "ENOTFOUND";

/** Returns the code of the innermost error, such as `ECONNRESET`; undefined for errors that are no network faults. */
function faultCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = (error as NodeJS.ErrnoException).code;
  return faultCode(error.cause) ?? (typeof code === "string" ? code : undefined);
}

/**
 * Tells whether a connection was refused, lost, or too slow, so that asking again may work; also, when the server was
 * reached before, whether its name is not found for now, or something else answers in its place.
 */
export function isConnectionFault(error: unknown, wasReached = false): boolean {
  if (error instanceof ForeignAnswer) return wasReached;
  if (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError")) return true;
  if (refusalOfProxy(error) !== undefined) return wasReached;
  const code = faultCode(error);
  if (code === unknownName) return wasReached;
  return code !== undefined && !lasting.test(code);
}

/** Describes a connection fault, with the remedy where one is known. */
export function describeConnectionFault(error: unknown, destination: Destination): string {
  const { server } = destination;
  const innermost = innermostError(error);
  const code = faultCode(error) ?? "";
  const text = innermost instanceof Error ? innermost.message || code || innermost.name : String(error);
  const said = oneLine(text.replace(/; if the root CA is installed locally.*$/s, ""));
  const refused = refusalOfProxy(error);
  if (refused !== undefined)
    return `the proxy ${hostOf(destination.proxy)} does not connect to ${server}: it answered ${refused}. Check proxy-url in the kubeconfig of nodepools:cluster`;
  if (innermost instanceof ForeignAnswer)
    return `${said}, so ${server} is no Kubernetes API server: a proxy, a login page or another service answers there. Check \`server\` in the kubeconfig of nodepools:cluster`;
  return `no answer: ${explain(code, said, destination) ?? said}`;
}

function explain(code: string, said: string, { server, hasCa }: Destination): string | undefined {
  switch (true) {
    case code === unknownName:
      return `the name in ${server} does not resolve here. Check \`server\` in the kubeconfig of nodepools:cluster`;
    case code === "CERT_HAS_EXPIRED":
      return `the certificate of ${server} has expired. Renew it on the control-plane node (\`kubeadm certs renew apiserver\`, then restart kube-apiserver), unless the clock here is wrong`;
    case code === "CERT_NOT_YET_VALID":
      return `the certificate of ${server} is not valid yet. Set the clock here, or the one that it was made by`;
    case code === "ERR_TLS_CERT_ALTNAME_INVALID":
      return `the certificate of ${server} is for other names: ${said}. In the kubeconfig of nodepools:cluster give a server address that it is for, or one of its names as tls-server-name`;
    case /ALERT/.test(code):
      return `${server} does not accept the client certificate: ${said}. Check the user in the kubeconfig of nodepools:cluster`;
    case /WRONG_VERSION|PACKET_LENGTH|^HPE_|HTTP_REQUEST/.test(code):
      return `what answers at ${server} speaks another protocol: ${said}. Check scheme and port of \`server\` in the kubeconfig of nodepools:cluster`;
    case lasting.test(code):
      return `the certificate of ${server} is not from ${hasCa ? "the CA in the kubeconfig" : "a CA that this machine knows, and the kubeconfig has none"} (${said}). Give nodepools:cluster the kubeconfig of this cluster, as it is now: the CA may have been changed, or something in between may answer`;
    default:
      return undefined;
  }
}

function refusalOfProxy(error: unknown): string | undefined {
  const innermost = innermostError(error);
  const answer = innermost instanceof Error ? /^Proxy response \((\d+)\)/.exec(innermost.message) : undefined;
  return answer?.[1];
}

function hostOf(url: string | undefined): string {
  return url !== undefined && URL.canParse(url) ? new URL(url).host : "in between";
}

function innermostError(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? innermostError(error.cause) : error;
}
