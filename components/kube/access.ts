// Stands for the identity that a kubeconfig gives: which server, which credentials, over which connections.
import { KubeConfig, type RequestContext } from "@kubernetes/client-node";
import { type Clock, systemClock } from "../model/clock.ts";
import { durations } from "../model/durations.ts";
import { oneLine } from "../model/foreign-text.ts";
import { endedClientCertificate, requireUsableCertificates } from "./certificates.ts";
import type { Destination } from "./connection-fault.ts";
import { AccessError } from "./kube-error.ts";
import { contextNames, type Kubeconfig, loadKubeconfig, readText, sourceOf } from "./kubeconfig.ts";
import { ServerTime } from "./server-time.ts";
import { UserCredentials } from "./user-credentials.ts";

type Dispatcher = NonNullable<ReturnType<RequestContext["getDispatcher"]>>;

// Over HTTP/2 the client would join the values of a header that stands several times.
const http1 = { allowH2: false };

/** Gives requests the credentials of a kubeconfig over one pool of connections. */
export class Access extends KubeConfig {
  readonly #source: string;
  readonly #clock: Clock;
  #kubeconfig: Kubeconfig;
  /** Keeps the credential that a command has given. */
  #credentials: UserCredentials;
  #loadedAt: number;
  #pool: { dispatcher: Dispatcher; bornAt: number } | undefined;
  #silentAt = Number.NEGATIVE_INFINITY;
  #hasAnswered = false;
  readonly #reload: () => Kubeconfig;
  /** What the server's answers tell of its clock. */
  readonly serverTime = new ServerTime();

  /** Reads a kubeconfig given as a path or as its text, and selects a context; throws AccessError. */
  constructor(kubeconfig: string, context: string | undefined, clock: Clock = systemClock) {
    super();
    this.#source = sourceOf(kubeconfig);
    this.#clock = clock;
    this.#loadedAt = clock.now();
    this.#kubeconfig = loadKubeconfig(kubeconfig, context);
    requireUsableCertificates(this.#kubeconfig, this.#source);
    // The context stays the one of the beginning: the file's current one may be another by the time it is read again.
    this.#reload = () => loadKubeconfig(kubeconfig, this.#kubeconfig.context);
    this.#credentials = new UserCredentials(this.#kubeconfig, clock);
    this.loadFromOptions(clientOptions(this.#kubeconfig));
    // The client's own authenticators find nothing that is theirs: all that proves the user comes from here.
    this.addAuthenticator({
      isAuthProvider: () => true,
      applyAuthentication: (_user, options) => this.#credentials.apply(options),
    });
  }

  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    await super.applySecurityAuthentication(context).catch((cause: unknown) => {
      throw new AccessError(this.#credentialText(cause), { cause });
    });
    this.#shareConnections(context);
  }

  /** Where requests are sent. */
  get destination(): Destination {
    const { cluster } = this.#kubeconfig;
    const hasCa = (cluster["certificate-authority"] ?? cluster["certificate-authority-data"]) !== undefined;
    return { server: cluster.server, hasCa, proxy: cluster["proxy-url"] };
  }

  /** Names who asks, with what is seen to be wrong with the proof. */
  describeUser(): string {
    const end = endedClientCertificate(this.#kubeconfig, this.#clock.now());
    const ended = end === undefined ? "" : `, whose client certificate ended at ${end}`;
    return `user "${this.#kubeconfig.userName}" of ${this.#source}${ended}`;
  }

  /** Names the credential command that has not ended yet, if one is under way. */
  pendingCommand(): string | undefined {
    const { command } = this.#credentials;
    return command?.isRunning ? command.name : undefined;
  }

  /**
   * Has later requests read the credentials anew, on connections of their own, unless that happened since `refusedAt`
   * (seconds since 1970): the server does not accept those of before any more, whatever they say of their end.
   */
  renewCredentials(refusedAt: number): void {
    if (this.#loadedAt > refusedAt) return;
    this.#loadedAt = this.#clock.now();
    this.#pool = undefined;
    try {
      this.#kubeconfig = this.#reload();
    } catch {
      // Somebody writes it just now, or has taken it away: the refusal is told.
    }
    this.#credentials = new UserCredentials(this.#kubeconfig, this.#clock);
    this.loadFromOptions(clientOptions(this.#kubeconfig));
  }

  /** Notes that the server answered. */
  noteAnswer(): void {
    this.#hasAnswered = true;
  }

  /** Tells whether the server has ever answered: what fails later may pass. */
  hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /** Notes that the server did not answer. */
  noteSilence(): void {
    this.#silentAt = this.#clock.now();
  }

  /**
   * Tells whether the server did not answer some seconds ago: one that has just started refuses everyone until it has
   * read its users and roles (kubernetes#121635).
   */
  mayBeStarting(): boolean {
    return this.#clock.now() - this.#silentAt < durations.kube.serverStart;
  }

  #credentialText(cause: unknown): string {
    const command = this.#credentials.command?.name;
    const origin = command ? `the credential command "${command}" failed` : "the credentials cannot be read";
    const text = firstLine(cause instanceof Error ? cause.message : String(cause));
    return `reading credentials of user "${this.#kubeconfig.userName}" in ${this.#source}: ${origin}: ${text}. Contexts available: ${contextNames(this.#kubeconfig)}.`;
  }

  /**
   * Has later requests make connections of their own, unless that happened since `startedAt` (seconds since 1970).
   * Requests share HTTP/2 connections: one that died without a word would swallow them all (kubernetes#65012).
   */
  renewConnections(startedAt: number): void {
    if (this.#pool && this.#pool.bornAt <= startedAt) this.#pool = undefined;
  }

  /** Replaces the new connection pool which client-node makes for every single request. */
  #shareConnections(context: RequestContext): void {
    const fresh = context.getDispatcher();
    if (!fresh) return;
    const now = this.#clock.now();
    if (!this.#pool || now - this.#pool.bornAt > durations.kube.connectionLife)
      this.#pool = { dispatcher: this.#acting(fresh), bornAt: now };
    context.setDispatcher(this.#pool.dispatcher);
  }

  /** The client, and `fetch`, can send no header twice, and each group of an impersonated user is one. */
  #acting(dispatcher: Dispatcher): Dispatcher {
    const { impersonation } = this.#credentials;
    if (Object.keys(impersonation).length === 0) return dispatcher;
    return dispatcher.compose(
      (dispatch) => (options, handler) =>
        dispatch(
          { ...options, headers: { ...(options.headers as object), ...impersonation }, ...http1 },
          handler,
        ),
    );
  }
}

/** What the client itself does with a kubeconfig: the way to the server, its CA, the user's certificate. */
function clientOptions({ context, clusterName, cluster, userName, user }: Kubeconfig) {
  const given = {
    caFile: cluster["certificate-authority"],
    caData: cluster["certificate-authority-data"],
    tlsServerName: cluster["tls-server-name"],
    proxyUrl: cluster["proxy-url"],
  };
  const proof = {
    certFile: user["client-certificate"],
    certData: user["client-certificate-data"],
    keyFile: user["client-key"],
    keyData: user["client-key-data"],
  };
  // The client refuses an address without TLS unless it is told not to check what is not there.
  const skipTLSVerify = cluster["insecure-skip-tls-verify"] === true || cluster.server.startsWith("http:");
  return {
    clusters: [{ name: clusterName, server: cluster.server, skipTLSVerify, ...given }],
    users: [{ name: userName, ...proof }],
    contexts: [{ name: context, cluster: clusterName, user: userName }],
    currentContext: context,
  };
}

/** Reads the PEM bundle of the cluster CA; empty when the kubeconfig trusts the system's CAs. */
export function readCaBundle(access: KubeConfig): string {
  const cluster = access.getCurrentCluster();
  if (cluster?.caData) return Buffer.from(cluster.caData, "base64").toString();
  if (!cluster?.caFile) return "";
  return readText(cluster.caFile, `CA file "${cluster.caFile}"`);
}

function firstLine(text: string): string {
  return oneLine(text.trim().split("\n", 1)[0] ?? "", 200) || "no explanation";
}
