// A proxy in front of a test API server: records each request, and answers or drops the ones a test wants to fail.

import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { join } from "node:path";
import type { ApiServer } from "./api-server.ts";
import { certificateFiles } from "./certificates.ts";

/** One request as the proxy saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The header that carries a token; undefined when absent. */
  readonly authorization: string | undefined;
  /** Parsed JSON; undefined when empty. */
  readonly body: unknown;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What a test does to a request instead of passing it on; a delay passes it on later. */
export type Fault =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> }
  | "drop";

/** A watch that stands through the proxy, and what a test may do to it. */
export interface OpenWatch {
  readonly path: string;
  readonly query: URLSearchParams;
  /** Sends one event as the server would. */
  send(event: { readonly type: string; readonly object: unknown }): void;
  /** Ends the answer in good order. */
  end(): void;
  /** Breaks the connection, after a part of an event. */
  drop(): void;
  /** Keeps the connection, and passes nothing on any more. */
  freeze(): void;
}

/** Holds a running proxy. */
export interface FaultProxy extends AsyncDisposable {
  /** Kubeconfig text that leads through the proxy; the identity is the server's admin. */
  readonly kubeconfig: string;
  readonly requests: readonly SeenRequest[];
  /** The watches that stand now. */
  readonly watches: ReadonlySet<OpenWatch>;
  /** Decides the fate of each request; awaited, so that it may act or wait first. */
  onRequest: (request: SeenRequest) => Fault | undefined | Promise<Fault | undefined>;
  /** Counts the requests of a method whose path ends so. */
  count(method: string, pathEnd: string): number;
}

/** Starts a proxy on a free port; `asUser` makes every request in that user's name (impersonation). */
export async function startFaultProxy(api: ApiServer, asUser?: string): Promise<FaultProxy> {
  const requests: SeenRequest[] = [];
  const mistakes: unknown[] = [];
  const watches = new Set<OpenWatch>();
  const forward = createForwarder(api, asUser);
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch((error: unknown) => {
      mistakes.push(error);
      outgoing.destroy();
    });
  });
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const body = await readBody(incoming);
    const seen = describe(incoming, body);
    requests.push(seen);
    const fault = await proxy.onRequest(seen);
    if (fault === "drop") incoming.socket.destroy();
    else if (fault) answer(outgoing, fault);
    else forward(incoming, body, outgoing, (upstream) => keepWatch(watches, seen, upstream, outgoing));
  };
  const port = await listen(server);
  const proxy: FaultProxy = {
    kubeconfig: renderKubeconfig(port),
    requests,
    watches,
    onRequest: () => undefined,
    count: (method, end) =>
      requests.filter((seen) => seen.method === method && seen.path.endsWith(end)).length,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (mistakes.length > 0) throw new AggregateError(mistakes, "the test's own onRequest failed");
    },
  };
  return proxy;
}

function createForwarder(api: ApiServer, asUser: string | undefined) {
  const read = (name: keyof typeof certificateFiles) =>
    readFileSync(join(api.folder, certificateFiles[name]));
  const agent = new Agent({
    keepAlive: true,
    ca: read("ca"),
    cert: read("adminCert"),
    key: read("adminKey"),
  });
  type OnAnswer = (upstream: IncomingMessage) => void;
  return (incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse, onAnswer: OnAnswer) => {
    const headers = { ...incoming.headers, ...(asUser && { "impersonate-user": asUser }) };
    const request = httpsRequest(new URL(incoming.url ?? "/", api.url), {
      agent,
      headers,
      ...(incoming.method && { method: incoming.method }),
    });
    request.once("response", (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      outgoing.flushHeaders();
      response.pipe(outgoing);
      onAnswer(response);
    });
    outgoing.once("close", () => request.destroy());
    request.once("error", (error) => outgoing.destroy(error));
    request.end(body);
  };
}

function keepWatch(
  watches: Set<OpenWatch>,
  { path, query }: SeenRequest,
  upstream: IncomingMessage,
  outgoing: ServerResponse,
): void {
  if (query.get("watch") !== "true" || upstream.statusCode !== 200) return;
  const watch: OpenWatch = {
    path,
    query,
    send: (event) => outgoing.write(`${JSON.stringify(event)}\n`),
    end: () => outgoing.end(),
    drop: () => outgoing.write('{"type":"ADDED","object":{"meta', () => outgoing.destroy()),
    freeze: () => upstream.unpipe(outgoing),
  };
  watches.add(watch);
  outgoing.once("close", () => watches.delete(watch));
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function describe(incoming: IncomingMessage, body: Buffer): SeenRequest {
  const url = new URL(incoming.url ?? "/", "http://proxy");
  return {
    method: incoming.method ?? "",
    path: url.pathname,
    query: url.searchParams,
    authorization: incoming.headers.authorization,
    body: body.length > 0 ? JSON.parse(body.toString()) : undefined,
    at: Date.now(),
  };
}

function answer(outgoing: ServerResponse, fault: Exclude<Fault, "drop">): void {
  outgoing.writeHead(fault.status, { "content-type": "application/json", ...fault.headers });
  outgoing.end(
    JSON.stringify(fault.body ?? { kind: "Status", message: "injected fault", code: fault.status }),
  );
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
}

function renderKubeconfig(port: number): string {
  return `apiVersion: v1
kind: Config
current-context: proxy
clusters: [{ name: proxy, cluster: { server: "http://127.0.0.1:${port}", insecure-skip-tls-verify: true } }]
users: [{ name: proxy, user: {} }]
contexts: [{ name: proxy, context: { cluster: proxy, user: proxy } }]
`;
}
