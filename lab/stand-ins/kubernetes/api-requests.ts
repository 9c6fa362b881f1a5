// Plain JSON requests to an API server with the credentials of a kubeconfig: the generated clients would change bodies.
import { type Configuration, HttpMethod, type KubeConfig } from "@kubernetes/client-node";
import { readStatus } from "../../../components/kube/status-body.ts";
import type { Properties } from "../properties.ts";

/** One request. */
export interface ApiRequest {
  readonly method: "GET" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: { readonly type: string; readonly value: Properties };
}

/** Sends requests; rejects with ApiError what the server refuses. */
export type SendRequest = (request: ApiRequest) => Promise<Properties>;

/** Reports an answer that is no success. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** Status code of HTTP. */
  readonly status: number;
  /** What the server objects to, one by one. */
  readonly causes: readonly { readonly reason?: string; readonly message?: string }[];

  constructor(status: number, body: string) {
    const { text, causes } = readStatus(status, body);
    super(`${text} (${status})`);
    this.status = status;
    this.causes = causes;
  }
}

const answerSeconds = 30;

/** Carries the configuration that a kubeconfig makes for generated clients. */
class Transport {
  readonly configuration: Configuration;

  constructor(configuration: Configuration) {
    this.configuration = configuration;
  }
}

/** Returns a sender with the identity of a kubeconfig. */
export function apiRequests(access: KubeConfig): SendRequest {
  const { configuration } = access.makeApiClient(Transport);
  return async ({ method, path, query = {}, body }) => {
    const context = configuration.baseServer.makeRequestContext(path, HttpMethod[method]);
    context.setHeaderParam("Accept", "application/json");
    for (const [name, value] of Object.entries(query)) context.setQueryParam(name, value);
    if (body) {
      context.setHeaderParam("Content-Type", body.type);
      context.setBody(JSON.stringify(body.value));
    }
    context.setSignal(AbortSignal.timeout(answerSeconds * 1000));
    await configuration.authMethods.default?.applySecurityAuthentication(context);
    const response = await configuration.httpApi.send(context).toPromise().catch(explainSilence);
    const text = await response.body.text();
    if (response.httpStatusCode >= 300) throw new ApiError(response.httpStatusCode, text);
    return JSON.parse(text) as Properties;
  };
}

function explainSilence(error: unknown): never {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = cause instanceof Error ? cause.message : String(cause);
  throw new Error(`no answer from the API server: ${text}`, { cause: error });
}
