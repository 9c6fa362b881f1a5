// Reads a kubeconfig and stands for the identity that it gives: which server, which credentials.
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import { KubeConfig, type RequestContext } from "@kubernetes/client-node";

type Dispatcher = NonNullable<ReturnType<RequestContext["getDispatcher"]>>;

// Long enough to spare handshakes during a drain, short enough that rotated certificate files are noticed.
const connectionLifeMs = 300_000;
const startingMs = 30_000;

/** Reports a kubeconfig, or a credential that it names, which cannot be used; never transient. */
export class AccessError extends Error {
  override readonly name = "AccessError";
}

/** Gives requests the credentials of a kubeconfig over one pool of connections. */
export class Access extends KubeConfig {
  #source = "";
  #pool: { dispatcher: Dispatcher; bornAt: number } | undefined;
  #silentAt = Number.NEGATIVE_INFINITY;

  /** Remembers how to name the kubeconfig in errors. */
  from(source: string): this {
    this.#source = source;
    return this;
  }

  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    try {
      await super.applySecurityAuthentication(context);
    } catch (cause) {
      throw new AccessError(this.#credentialText(cause), { cause });
    }
    this.#shareConnections(context);
  }

  /** Notes that the server did not answer. */
  noteSilence(): void {
    this.#silentAt = Date.now();
  }

  /**
   * Tells whether the server did not answer some seconds ago: one that has just started refuses everyone until it has
   * read its users and roles (kubernetes#121635).
   */
  mayBeStarting(): boolean {
    return Date.now() - this.#silentAt < startingMs;
  }

  #credentialText(cause: unknown): string {
    const user = this.getCurrentUser();
    const command = user?.exec?.command;
    const origin = command ? `the credential command "${command}" failed` : "the credentials cannot be read";
    const text = cause instanceof Error ? firstLine(cause.message) : String(cause);
    return `reading credentials of user "${user?.name}" in ${this.#source}: ${origin}: ${text}. Contexts available: ${contextNames(this)}.`;
  }

  /**
   * Has later requests make connections of their own, unless that happened since `startedAt` (milliseconds since 1970).
   * Requests share HTTP/2 connections: one that died without a word would swallow them all (kubernetes#65012).
   */
  renewConnections(startedAt: number): void {
    if (this.#pool && this.#pool.bornAt <= startedAt) this.#pool = undefined;
  }

  /** Replaces the new connection pool which client-node makes for every single request. */
  #shareConnections(context: RequestContext): void {
    const fresh = context.getDispatcher();
    if (!fresh) return;
    const now = Date.now();
    if (!this.#pool || now - this.#pool.bornAt > connectionLifeMs)
      this.#pool = { dispatcher: fresh, bornAt: now };
    context.setDispatcher(this.#pool.dispatcher);
  }
}

/** Reads a kubeconfig given as a path or as its text, and selects a context; throws AccessError. */
export function readKubeconfig(kubeconfig: string, context: string | undefined): Access {
  const isText = /[\n{]/.test(kubeconfig);
  const path = resolve(kubeconfig.replace(/^~(?=\/)/, homedir()));
  const source = isText ? "the kubeconfig given as text" : `kubeconfig "${path}"`;
  const access = parse(isText ? kubeconfig : readText(path, source), source);
  if (!isText) access.makePathsAbsolute(dirname(path));
  select(access, context ?? access.getCurrentContext(), source);
  return access;
}

/** Reads the PEM bundle of the cluster CA; empty when the kubeconfig trusts the system's CAs. */
export function readCaBundle(access: KubeConfig): string {
  const cluster = access.getCurrentCluster();
  if (cluster?.caData) return Buffer.from(cluster.caData, "base64").toString();
  if (!cluster?.caFile) return "";
  return readText(cluster.caFile, `CA file "${cluster.caFile}"`);
}

function readText(path: string, source: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new AccessError(`reading ${source}: ${code === "ENOENT" ? "no such file" : code}.`, { cause });
  }
}

function parse(text: string, source: string): Access {
  const access = new Access().from(source);
  try {
    access.loadFromString(text);
  } catch (cause) {
    // The parser's own message quotes the text around the fault, which may be a key; so it is not passed on.
    const place = (cause as { mark?: { line?: number } }).mark?.line;
    const where = place === undefined ? "an entry is incomplete" : `line ${place + 1} is not valid YAML`;
    throw new AccessError(`reading ${source}: ${where}.`);
  }
  return access;
}

function select(access: KubeConfig, context: string | undefined, source: string): void {
  const available = `Contexts available: ${contextNames(access)}.`;
  if (!context) throw new AccessError(`reading ${source}: it has no current context. ${available}`);
  if (!access.getContextObject(context))
    throw new AccessError(`reading ${source}: no context "${context}". ${available}`);
  access.setCurrentContext(context);
  if (!access.getCurrentCluster() || !access.getCurrentUser())
    throw new AccessError(
      `reading ${source}: context "${context}" names a cluster or user that it lacks. ${available}`,
    );
}

function contextNames(access: KubeConfig): string {
  return (access.getContexts() ?? []).map((context) => context.name).join(", ") || "none";
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0]?.slice(0, 200) || "no explanation";
}
