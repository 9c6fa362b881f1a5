// A TLS server that answers as an API server does when it is asked for its version, and keeps what it saw; with a proxy
// in front of it.
import { readFileSync } from "node:fs";
import {
  createServer as createHttp,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createHttps } from "node:https";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";

/** One request as the server saw it. */
export interface SeenRequest {
  /** Values by lower-case name, in the order in which they came. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Common name of the client's certificate. */
  readonly clientName: string | undefined;
  /** The name that the client asked for (SNI); false without one. */
  readonly serverName: string | false | null;
}

/** A running server. */
export interface TlsServer extends AsyncDisposable {
  readonly url: string;
  /** Address of the HTTP proxy before it. */
  readonly proxyUrl: string;
  readonly seen: SeenRequest[];
  /** Counts the connections that were made through the proxy. */
  readonly tunnels: number;
  /** Answers in place of the version. */
  respond: (request: IncomingMessage, response: ServerResponse) => void;
}

/** Starts it with a folder's certificate of this name; it listens on all loopback addresses. */
export async function startTlsServer(folder: string, certificate: string): Promise<TlsServer> {
  const read = (name: string) => readFileSync(join(folder, name));
  const seen: SeenRequest[] = [];
  let tunnels = 0;
  const tls = { cert: read(`${certificate}.crt`), key: read(`${certificate}.key`) };
  const server = createHttps(
    { ...tls, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      seen.push(describe(request));
      running.respond(request, response);
    },
  );
  const proxy = createHttp();
  proxy.on("connect", (request: IncomingMessage, client: Socket) => {
    tunnels++;
    const [host = "", port] = (request.url ?? "").split(":");
    const upstream = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.pipe(upstream).pipe(client);
    });
    for (const socket of [client, upstream]) socket.on("error", () => undefined);
    server.once("close", () => client.destroy());
  });
  const [port, proxyPort] = await Promise.all([listen(server), listen(proxy)]);
  const running: TlsServer = {
    url: `https://127.0.0.1:${port}`,
    proxyUrl: `http://127.0.0.1:${proxyPort}`,
    seen,
    get tunnels() {
      return tunnels;
    },
    respond: (_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ gitVersion: "v1.34.0", major: "1", minor: "34" }));
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([server, proxy].map(close));
    },
  };
  return running;
}

function describe(request: IncomingMessage): SeenRequest {
  const socket = request.socket as TLSSocket & { readonly servername?: string | false };
  const headers: Record<string, string[]> = {};
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const name = (request.rawHeaders[at] ?? "").toLowerCase();
    headers[name] = [...(headers[name] ?? []), request.rawHeaders[at + 1] ?? ""];
  }
  const { CN } = socket.getPeerCertificate().subject ?? {};
  return { headers, clientName: String(CN ?? "") || undefined, serverName: socket.servername ?? false };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "0.0.0.0", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
