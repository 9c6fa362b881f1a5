// One attempt of a call: within its deadline, with credentials that are read anew when refused, failures as KubeError.
import {
  ApiException,
  type ConfigurationOptions,
  Observable,
  type RequestContext,
  type ResponseContext,
} from "@kubernetes/client-node";
import type { Clock } from "../model/clock.ts";
import type { Access } from "./access.ts";
import { asTold } from "./as-told.ts";
import { describeConnectionFault, ForeignAnswer, isConnectionFault } from "./connection-fault.ts";
import { AccessError, KubeError } from "./kube-error.ts";
import { readStatus } from "./status-body.ts";

/** Describes a call for its errors. */
export interface CallLabel {
  readonly verb: string;
  readonly object: string;
}

/** Makes one attempt with the options that carry the call's deadline. */
export type Attempt<T> = (options: ConfigurationOptions) => Promise<T>;

/** Ends a call. */
export interface Deadline {
  readonly clock: Clock;
  /** Seconds since 1970. */
  readonly startedAt: number;
  readonly seconds: number;
  readonly elapsed: AbortSignal;
  /** Ends the call: the time has elapsed, or the caller wants no answer any more. */
  readonly signal: AbortSignal;
}

/** Makes one attempt; throws KubeError, or AccessError as long as the server has never answered. */
export async function tryOnce<T>(
  access: Access,
  label: CallLabel,
  attempt: Attempt<T>,
  deadline: Deadline,
): Promise<T> {
  try {
    const answer = await attemptWithin(access, attempt, deadline);
    access.noteAnswer();
    return asTold(answer);
  } catch (error) {
    throw describeFailure(access, label, error, deadline);
  }
}

/** Makes the call, once more with credentials that are read anew when the server refuses those that it came with. */
async function attemptWithin<T>(
  access: Access,
  attempt: Attempt<T>,
  { clock, signal }: Deadline,
): Promise<T> {
  const options = watched(signal, access, clock);
  // The client asks a credential command before it looks at any signal.
  const ask = () => Promise.race([attempt(options), abortOf(signal)]);
  const askedAt = clock.now();
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ApiException && error.code === 401)) throw error;
    access.renewCredentials(askedAt);
    return await ask();
  }
}

function abortOf(signal: AbortSignal): Promise<never> {
  const aborted = Promise.withResolvers<never>();
  if (signal.aborted) aborted.reject(signal.reason);
  else signal.addEventListener("abort", () => aborted.reject(signal.reason), { once: true });
  return aborted.promise;
}

/** Credentials or a name that cannot be had any more may be had again: a login service or a resolver is away. */
function describeFailure(
  access: Access,
  label: CallLabel,
  error: unknown,
  { startedAt, seconds, elapsed, signal }: Deadline,
): Error {
  const command = access.pendingCommand();
  if (error instanceof AccessError && !access.hasAnswered()) return error;
  if (error instanceof AccessError)
    return new KubeError({ ...label, text: error.message, transient: true }, { cause: error });
  if (error instanceof ApiException) return answeredError(label, error, access);
  if (signal.aborted && command !== undefined)
    return silentError(label, `the credential command "${command}" has not ended within ${seconds} s`, error);
  if (elapsed.aborted || !signal.aborted) access.noteSilence();
  if (elapsed.aborted) access.renewConnections(startedAt);
  if (signal.aborted) return silentError(label, `no answer within ${seconds} s`, error);
  const text = describeConnectionFault(error, access.destination);
  return silentError(label, text, error, access.hasAnswered());
}

/** Gives the request its signal, and learns the server's time from the answer. */
function watched(signal: AbortSignal, access: Access, clock: Clock): ConfigurationOptions {
  const pass = <T>(value: T) => new Observable(Promise.resolve(value));
  let askedAt = clock.now();
  const pre = (context: RequestContext) => {
    askedAt = clock.now();
    context.setSignal(signal);
    return pass(context);
  };
  const post = (response: ResponseContext) => {
    requireApiAnswer(response);
    access.serverTime.note({ askedAt, answeredAt: clock.now(), date: response.headers.date });
    return pass(response);
  };
  return { middleware: [{ pre, post }], middlewareMergeStrategy: "append" };
}

/** A page of a proxy is no answer, whatever its status says. */
function requireApiAnswer({ httpStatusCode, headers }: ResponseContext): void {
  const type = headers["content-type"]?.split(";", 1)[0] ?? "";
  if (httpStatusCode < 300 && /^text\//.test(type)) throw new ForeignAnswer(`the answer is ${type}`);
}

// The client's own exception is not kept as cause: its message holds headers and the whole body.
function answeredError(label: CallLabel, error: ApiException<unknown>, access: Access): KubeError {
  const isRefusal = error.code === 401 || error.code === 403;
  const body = readStatus(error.code, error.body);
  const seconds = readRetryAfter(error.headers) ?? body.retryAfterSeconds;
  return new KubeError({
    ...label,
    status: error.code,
    ...(body.reason && { reason: body.reason }),
    text: error.code === 401 ? unauthorized(access) : body.text,
    transient:
      error.code >= 500 || error.code === 429 || error.code === 408 || (isRefusal && access.mayBeStarting()),
    ...(seconds !== undefined && { retryAfterSeconds: seconds }),
  });
}

function unauthorized(access: Access): string {
  return `the server ${access.destination.server} does not accept the kubeconfig's credentials: ${access.describeUser()}`;
}

/** Reads the Retry-After header, in seconds; undefined when absent or a date. */
export function readRetryAfter(headers: Record<string, string>): number | undefined {
  const seconds = Number(headers["retry-after"] || Number.NaN);
  return Number.isFinite(seconds) ? seconds : undefined;
}

function silentError(label: CallLabel, text: string, cause: unknown, wasReached = false): KubeError {
  return new KubeError({ ...label, text, transient: isConnectionFault(cause, wasReached) }, { cause });
}
