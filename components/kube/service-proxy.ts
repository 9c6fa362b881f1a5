// Asks a service of the cluster over HTTP by way of the API server, which reaches it where Pulumi may not.
import {
  type ConfigurationOptions,
  type CoreV1Api,
  Observable,
  type RequestContext,
  ResponseContext,
  SelfDecodingBody,
} from "@kubernetes/client-node";
import { readBounded } from "../model/bounded-body.ts";
import { durations } from "../model/durations.ts";
import type { HttpAnswer, KubeApi } from "./api.ts";
import type { Requester } from "./request.ts";

/** Returns the call that asks a service. */
export function serviceCalls(requester: Requester, core: CoreV1Api): Pick<KubeApi, "askService"> {
  return {
    askService: async (namespace, name, path) => {
      const label = { verb: "asking", object: `service "${namespace}/${name}"` };
      let answer: HttpAnswer = { status: 0, said: "" };
      const note = (given: HttpAnswer) => {
        answer = given;
      };
      await requester.once(
        label,
        (options) => core.connectGetNamespacedServiceProxy({ namespace, name }, through(options, path, note)),
        { seconds: durations.verification.look },
      );
      return answer;
    },
  };
}

/**
 * The client would write slashes and colons as %2F and %3A, read the body to its end whatever its length, and take the service's
 * failures for the API server's.
 */
function through(
  options: ConfigurationOptions,
  path: string,
  note: (answer: HttpAnswer) => void,
): ConfigurationOptions {
  const pre = (context: RequestContext) => {
    // A slash at the end would be cut off, and / would be answered with a redirect. A fragment is never sent.
    context.setUrl(`${context.getUrl().replaceAll("%3A", ":")}${path}#`);
    return new Observable(Promise.resolve(context));
  };
  const take = async (response: ResponseContext) => {
    const said = await readBounded(response.body.stream() as ReadableStream<Uint8Array> | null);
    if (response.httpStatusCode >= 400 && isStatus(said)) return restored(response, said);
    note({ status: response.httpStatusCode, said });
    return new ResponseContext(
      200,
      { ...response.headers, "content-type": "application/json" },
      bodyOf("{}"),
    );
  };
  const post = (response: ResponseContext) => new Observable(take(response));
  return { ...options, middleware: [...(options.middleware ?? []), { pre, post }] };
}

/** The API server's own failures are objects of kind Status. */
function isStatus(said: string): boolean {
  try {
    const value: unknown = JSON.parse(said);
    return typeof value === "object" && value !== null && "kind" in value && value.kind === "Status";
  } catch {
    return false;
  }
}

function restored({ httpStatusCode, headers }: ResponseContext, said: string): ResponseContext {
  return new ResponseContext(httpStatusCode, headers, bodyOf(said));
}

function bodyOf(said: string): SelfDecodingBody {
  return new SelfDecodingBody(Promise.resolve(Buffer.from(said)));
}
