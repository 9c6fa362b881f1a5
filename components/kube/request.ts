// How one call to the API server is made: a deadline, retries of reads, failures as KubeError, lists page by page.
import type { ConfigurationOptions } from "@kubernetes/client-node";
import { type Clock, retry } from "../model/clock.ts";
import { durations } from "../model/durations.ts";
import type { Access } from "./access.ts";
import { type Attempt, type CallLabel, type Deadline, tryOnce } from "./attempt.ts";
import { KubeError } from "./kube-error.ts";

/** Holds one page of a list as the generated client returns it. */
interface Page<T> {
  readonly items: T[];
  readonly metadata?: { readonly _continue?: string; readonly resourceVersion?: string };
}

/** Holds a complete list and the version of the cluster that it shows. */
export interface Snapshot<T> {
  readonly items: readonly T[];
  readonly version: string;
}

/** Ends a call at other times than the requester's own. */
interface CallLimit {
  /** Ends the call at once; absent where nothing does. */
  readonly ended?: AbortSignal;
  /** Limits the call in seconds; the requester's own limit when absent. */
  readonly seconds?: number;
}

type Call = Requester["repeat"];

const staleListRounds = 3;

/** Makes calls to one API server. */
export interface Requester {
  readonly clock: Clock;
  /** Tells whether a refusal may be one of a server that has just started. */
  mayBeStarting(): boolean;
  /** Makes a call that is never repeated. */
  once<T>(label: CallLabel, attempt: Attempt<T>, limit?: CallLimit): Promise<T>;
  /** Makes a call that may be made twice without harm, repeated for about 15 s while the failure is transient. */
  repeat<T>(label: CallLabel, attempt: Attempt<T>): Promise<T>;
  /** Reads one object; undefined when it does not exist. */
  find<T>(label: CallLabel, attempt: Attempt<T>): Promise<T | undefined>;
  /**
   * Reads a list page by page, and of each object what `keep` returns; begins anew when the server has forgotten the
   * continuation (410).
   */
  list<T>(object: string, page: PageCall<T>, keep?: (item: T) => T): Promise<T[]>;
  /** Lists as `list` does, with the version to watch from; with `ended`, until then and without repeating a page. */
  snapshot<T>(object: string, page: PageCall<T>, ended?: AbortSignal): Promise<Snapshot<T>>;
}

/** What a list or watch asks for, in the names of the generated client. */
interface ListQuery {
  limit?: number;
  _continue?: string;
  watch?: boolean;
  allowWatchBookmarks?: boolean;
  timeoutSeconds?: number;
  resourceVersion?: string;
}

/** Reads one page. */
export type PageCall<T> = (query: ListQuery, options: ConfigurationOptions) => Promise<Page<T>>;

/** Returns a requester whose calls take at most `timeoutSeconds`, their retries included. */
export function createRequester(
  access: Access,
  timeoutSeconds: number,
  pageSize: number,
  clock: Clock,
): Requester {
  const once: Requester["once"] = (label, attempt, limit) =>
    tryOnce(access, label, attempt, deadlineAfter(clock, limit?.seconds ?? timeoutSeconds, limit?.ended));
  const repeat: Requester["repeat"] = (label, attempt) => {
    const deadline = deadlineAfter(clock, timeoutSeconds);
    const pauseAfter = (error: unknown, failures: number) =>
      deadline.signal.aborted ? undefined : retryPause(error, durations.kube.askAgain[failures - 1]);
    return retry(clock, () => tryOnce(access, label, attempt, deadline), pauseAfter);
  };
  const snapshot: Requester["snapshot"] = (object, page, ended) => {
    const call: Call = ended ? (label, attempt) => once(label, attempt, { ended }) : repeat;
    return listAll({ verb: "listing", object }, page, pageSize, call);
  };
  const list: Requester["list"] = async (object, page, keep) => {
    const kept: typeof page = async (query, options) => {
      const { items, metadata } = await page(query, options);
      return { items: keep ? items.map(keep) : items, ...(metadata && { metadata }) };
    };
    return [...(await snapshot(object, kept)).items];
  };
  return {
    clock,
    mayBeStarting: () => access.mayBeStarting(),
    once,
    repeat,
    find: (label, attempt) => repeat(label, attempt).catch(undefinedWhenNotFound),
    list,
    snapshot,
  };
}

// The time of a request is the machine's own, whatever the clock: the server answers in that time.
function deadlineAfter(clock: Clock, seconds: number, ended?: AbortSignal): Deadline {
  const elapsed = AbortSignal.timeout(Math.ceil(seconds * 1000));
  const signal = ended ? AbortSignal.any([ended, elapsed]) : elapsed;
  return { clock, startedAt: clock.now(), seconds, elapsed, signal };
}

/** Returns the server's wish, within bounds, or the pause with up to 25 % of jitter; undefined when asking again is vain. */
function retryPause(error: unknown, pause: number | undefined): number | undefined {
  if (pause === undefined || !(error instanceof KubeError && error.failure.transient)) return undefined;
  const wished = error.failure.retryAfterSeconds;
  return wished === undefined ? pause * (1 + Math.random() / 4) : Math.min(wished, durations.kube.wishOfRead);
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
  call: Call,
): Promise<Snapshot<T>> {
  for (let round = 1; ; round++) {
    try {
      return await listPages(label, page, limit, call);
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
  call: Call,
): Promise<Snapshot<T>> {
  const items: T[] = [];
  let next: string | undefined;
  let version: string | undefined;
  do {
    const query = next ? { limit, _continue: next } : { limit };
    const answer = await call(label, (options) => page(query, options));
    items.push(...answer.items);
    next = answer.metadata?._continue;
    version ??= answer.metadata?.resourceVersion;
  } while (next);
  return { items, version: version ?? "" };
}
