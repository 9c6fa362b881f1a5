// How one call to the API server is made: a deadline, retries of reads, failures as KubeError, lists page by page.
import { setTimeout as sleep } from "node:timers/promises";
import {
  ApiException,
  type ConfigurationOptions,
  Observable,
  type RequestContext,
} from "@kubernetes/client-node";
import { AccessError } from "./access.ts";
import { describeConnectionFault, isConnectionFault } from "./connection-fault.ts";
import { isTransient, KubeError } from "./kube-error.ts";
import { readStatus } from "./status-body.ts";

/** Describes a call for its errors. */
interface CallLabel {
  readonly verb: string;
  readonly object: string;
}

/** Makes one attempt with the options that carry the call's deadline. */
type Attempt<T> = (options: ConfigurationOptions) => Promise<T>;

/** Holds one page of a list as the generated client returns it. */
interface Page<T> {
  readonly items: T[];
  readonly metadata?: { readonly _continue?: string };
}

const pausesMs = [200, 600, 1800];
const staleListRounds = 3;

/** Makes calls to one API server. */
export interface Requester {
  /** Makes a call that is never repeated. */
  once<T>(label: CallLabel, attempt: Attempt<T>): Promise<T>;
  /** Makes a call that changes nothing, repeated a few times when the failure is transient. */
  read<T>(label: CallLabel, attempt: Attempt<T>): Promise<T>;
  /** Reads one object; undefined when it does not exist. */
  find<T>(label: CallLabel, attempt: Attempt<T>): Promise<T | undefined>;
  /** Reads a list page by page; begins anew when the server has forgotten the continuation (410). */
  list<T>(object: string, page: PageCall<T>): Promise<T[]>;
}

/** Reads one page; `limit` and `_continue` have the names of the generated client. */
type PageCall<T> = (
  query: { limit: number; _continue?: string },
  options: ConfigurationOptions,
) => Promise<Page<T>>;

/** Returns a requester whose calls take at most `timeoutSeconds`, their retries included. */
export function createRequester(timeoutSeconds: number, pageSize: number): Requester {
  const once: Requester["once"] = (label, attempt) =>
    tryOnce(label, attempt, AbortSignal.timeout(timeoutSeconds * 1000), timeoutSeconds);
  const read: Requester["read"] = async (label, attempt) => {
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    for (const pauseMs of pausesMs) {
      try {
        return await tryOnce(label, attempt, signal, timeoutSeconds);
      } catch (error) {
        if (!isTransient(error) || signal.aborted) throw error;
        await sleep(retryPauseMs(error as KubeError, pauseMs));
      }
    }
    return tryOnce(label, attempt, signal, timeoutSeconds);
  };
  return {
    once,
    read,
    find: (label, attempt) => read(label, attempt).catch(undefinedWhenNotFound),
    list: (object, page) => listAll({ verb: "listing", object }, page, pageSize, read),
  };
}

/** Returns the server's wish, at most 5 s, or the pause with up to 25 % of jitter, in milliseconds. */
function retryPauseMs(error: KubeError, pauseMs: number): number {
  const wished = error.failure.retryAfterSeconds;
  return wished === undefined ? pauseMs * (1 + Math.random() / 4) : Math.min(wished, 5) * 1000;
}

function undefinedWhenNotFound(error: unknown): undefined {
  if (error instanceof KubeError && error.failure.status === 404 && error.failure.reason === "NotFound")
    return undefined;
  throw error;
}

async function listAll<T>(
  label: CallLabel,
  page: PageCall<T>,
  limit: number,
  read: Requester["read"],
): Promise<T[]> {
  for (let round = 1; ; round++) {
    try {
      return await listPages(label, page, limit, read);
    } catch (error) {
      const expired = error instanceof KubeError && error.failure.status === 410;
      if (!expired || round === staleListRounds) throw error;
    }
  }
}

async function listPages<T>(
  label: CallLabel,
  page: PageCall<T>,
  limit: number,
  read: Requester["read"],
): Promise<T[]> {
  const items: T[] = [];
  let next: string | undefined;
  do {
    const query = next ? { limit, _continue: next } : { limit };
    const answer = await read(label, (options) => page(query, options));
    items.push(...answer.items);
    next = answer.metadata?._continue;
  } while (next);
  return items;
}

async function tryOnce<T>(
  label: CallLabel,
  attempt: Attempt<T>,
  signal: AbortSignal,
  timeoutSeconds: number,
): Promise<T> {
  try {
    return await attempt(withSignal(signal));
  } catch (error) {
    if (error instanceof AccessError) throw error;
    if (error instanceof ApiException) throw answeredError(label, error);
    if (signal.aborted) throw silentError(label, `no answer within ${timeoutSeconds} s`, error);
    throw silentError(label, `no answer: ${describeConnectionFault(error)}`, error);
  }
}

function withSignal(signal: AbortSignal): ConfigurationOptions {
  const pass = <T>(value: T) => new Observable(Promise.resolve(value));
  const pre = (context: RequestContext) => {
    context.setSignal(signal);
    return pass(context);
  };
  return { middleware: [{ pre, post: pass }], middlewareMergeStrategy: "append" };
}

// The client's own exception is not kept as cause: its message holds headers and the whole body.
function answeredError(label: CallLabel, error: ApiException<unknown>): KubeError {
  const body = readStatus(error.code, error.body);
  const seconds = readRetryAfter(error.headers) ?? body.retryAfterSeconds;
  return new KubeError({
    ...label,
    status: error.code,
    ...(body.reason && { reason: body.reason }),
    text: error.code === 401 ? "the server does not accept the kubeconfig's credentials" : body.text,
    transient: error.code >= 500 || error.code === 429 || error.code === 408,
    ...(seconds !== undefined && { retryAfterSeconds: seconds }),
  });
}

/** Reads the Retry-After header, in seconds; undefined when absent or a date. */
export function readRetryAfter(headers: Record<string, string>): number | undefined {
  const seconds = Number(headers["retry-after"] || Number.NaN);
  return Number.isFinite(seconds) ? seconds : undefined;
}

function silentError(label: CallLabel, text: string, cause: unknown): KubeError {
  return new KubeError({ ...label, text, transient: isConnectionFault(cause) }, { cause });
}
