// Stands for the identity that a kubeconfig gives: which server, which credentials, over which connections.
import { KubeConfig, type RequestContext } from "@kubernetes/client-node";
import { type Clock, systemClock } from "../model/clock.ts";
import { durations } from "../model/durations.ts";
import { AccessError, contextNames, loadKubeconfig, readText, sourceOf } from "./kubeconfig.ts";
import { ServerTime } from "./server-time.ts";

type Dispatcher = NonNullable<ReturnType<RequestContext["getDispatcher"]>>;

/** Gives requests the credentials of a kubeconfig over one pool of connections. */
export class Access extends KubeConfig {
  readonly #kubeconfig: string;
  readonly #clock: Clock;
  /** What the credentials are taken from: it keeps those that a command has given. */
  #loaded: KubeConfig;
  #loadedAt: number;
  #reading: Promise<void> | undefined;
  #pool: { dispatcher: Dispatcher; bornAt: number } | undefined;
  #silentAt = Number.NEGATIVE_INFINITY;
  #hasAnswered = false;
  /** What the server's answers tell of its clock. */
  readonly serverTime = new ServerTime();

  /** Reads a kubeconfig given as a path or as its text, and selects a context; throws AccessError. */
  constructor(kubeconfig: string, context: string | undefined, clock: Clock = systemClock) {
    super();
    this.#kubeconfig = kubeconfig;
    this.#clock = clock;
    this.#loadedAt = clock.now();
    this.#loaded = loadKubeconfig(kubeconfig, context);
    const { clusters, contexts, users, currentContext } = this.#loaded;
    this.loadFromOptions({ clusters, contexts, users, currentContext });
  }

  /** One run of a credential command serves all requests that wait for it. */
  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    while (this.#reading !== undefined) await this.#reading;
    const reading = this.#loaded.applySecurityAuthentication(context);
    if (this.#command !== undefined) {
      this.#reading = reading.then(
        () => this.#endReading(),
        () => this.#endReading(),
      );
    }
    await reading.catch((cause: unknown) => {
      throw new AccessError(this.#credentialText(cause), { cause });
    });
    this.#shareConnections(context);
  }

  #endReading(): void {
    this.#reading = undefined;
  }

  get #command(): string | undefined {
    return this.getCurrentUser()?.exec?.command;
  }

  /** Names the credential command that has not ended yet, if one is under way. */
  pendingCommand(): string | undefined {
    return this.#reading === undefined ? undefined : this.#command;
  }

  /**
   * Has later requests read the credentials anew, on connections of their own, unless that happened since `refusedAt`
   * (seconds since 1970): the server does not accept those of before any more, whatever they say of their end.
   * The context stays the one of the beginning: the file's current one may be another by now.
   */
  renewCredentials(refusedAt: number): void {
    if (this.#loadedAt > refusedAt) return;
    this.#loadedAt = this.#clock.now();
    this.#pool = undefined;
    try {
      this.#loaded = loadKubeconfig(this.#kubeconfig, this.getCurrentContext());
    } catch {
      // Somebody writes it just now, or has taken it away: the refusal is told.
    }
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
    const command = this.#command;
    const origin = command ? `the credential command "${command}" failed` : "the credentials cannot be read";
    const text = cause instanceof Error ? firstLine(cause.message) : String(cause);
    return `reading credentials of user "${this.getCurrentUser()?.name}" in ${sourceOf(this.#kubeconfig)}: ${origin}: ${text}. Contexts available: ${contextNames(this)}.`;
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
      this.#pool = { dispatcher: fresh, bornAt: now };
    context.setDispatcher(this.#pool.dispatcher);
  }
}

/** Reads the PEM bundle of the cluster CA; empty when the kubeconfig trusts the system's CAs. */
export function readCaBundle(access: KubeConfig): string {
  const cluster = access.getCurrentCluster();
  if (cluster?.caData) return Buffer.from(cluster.caData, "base64").toString();
  if (!cluster?.caFile) return "";
  return readText(cluster.caFile, `CA file "${cluster.caFile}"`);
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0]?.slice(0, 200) || "no explanation";
}
