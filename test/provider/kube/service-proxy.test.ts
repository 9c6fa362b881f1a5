// A service that is asked through the API server: what it says is its own, bounded; what the API server says is a failure.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stringify } from "yaml";
import { connectKube } from "../../../components/kube/connect.ts";

const asked: string[] = [];
let respond: (response: ServerResponse) => void;
const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
  respond(response);
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function ask(path = "/healthz?full=1", name = "cart:http") {
  const { port } = server.address() as AddressInfo;
  const kubeconfig = stringify({
    clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: "u", user: { token: "t" } }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  });
  return connectKube({ kubeconfig }).askService("shop", name, path);
}

it("asks with the kubeconfig's credentials for the path as it is written", async () => {
  asked.length = 0;
  respond = (response) => response.writeHead(200, { "content-type": "text/html" }).end("<p>well</p>");
  expect(await ask()).toEqual({ status: 200, said: "<p>well</p>" });
  await ask("/", "https:cart:8443");
  expect(asked).toEqual([
    "GET /api/v1/namespaces/shop/services/cart:http/proxy/healthz?full=1 Bearer t",
    "GET /api/v1/namespaces/shop/services/https:cart:8443/proxy/ Bearer t",
  ]);
});

it("hands on what the service says of itself, and reads no flood", async () => {
  respond = (response) => response.writeHead(500).end('{"kind":"Trouble"}');
  expect(await ask()).toEqual({ status: 500, said: '{"kind":"Trouble"}' });
  respond = (response) => {
    response.writeHead(200);
    const flood = () => {
      while (response.write("x".repeat(65_536)));
      response.once("drain", flood);
    };
    flood();
  };
  expect((await ask()).said).toHaveLength(4096);
});

it.each([
  [403, "Forbidden", 'asking service "shop/cart:http": no rights (403)'],
  [503, "ServiceUnavailable", 'asking service "shop/cart:http": no rights (503)'],
])("fails when the API server itself answers %i", async (code, reason, text) => {
  const status = { kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message: "no rights" };
  respond = (response) =>
    response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(status));
  await expect(ask()).rejects.toThrow(text);
});
