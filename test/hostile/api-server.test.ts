// M6: an API server, or who can write through it, that lies in every field, over the program's real client.
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { KubeApi } from "../../components/kube/api.ts";
import { connectKube } from "../../components/kube/connect.ts";
import { evil, expectHarmless, longEvil } from "./evil.ts";

let kube: KubeApi;
const said = `${evil}${longEvil}`;

const node = {
  metadata: {
    name: "w1",
    resourceVersion: "1",
    annotations: { "nodepools.local/owner": "o/p/s", note: "a\nb" },
  },
  spec: { taints: [{ key: "k", value: "v", effect: "NoSchedule" }] },
  status: {
    nodeInfo: { kubeletVersion: said },
    conditions: [{ type: "Ready", status: "True", message: said }],
  },
};
const pod = {
  metadata: { name: "p", namespace: "n", uid: "u", resourceVersion: "2" },
  status: { phase: said, containerStatuses: [{ state: { waiting: { reason: said } } }] },
};
const refusal = {
  kind: "Status",
  reason: "Forbidden",
  message: said,
  details: { causes: [{ message: said }] },
};

/** Answers a request; a watch has one event and stays open. */
function answer({ method, url = "" }: IncomingMessage): { status?: number; body: unknown; stays?: boolean } {
  if (method === "POST" && url.includes("/eviction")) return { status: 400, body: refusal };
  if (method === "DELETE") return { status: 403, body: refusal };
  if (url.startsWith("/version")) return { body: { gitVersion: said } };
  if (url.includes("watch=")) {
    const object = { ...pod, metadata: { ...pod.metadata, resourceVersion: "3" } };
    return { body: { type: "MODIFIED", object }, stays: true };
  }
  if (url.startsWith("/api/v1/nodes/")) return { body: node };
  if (url.startsWith("/api/v1/nodes")) return { body: { metadata: {}, items: [node] } };
  if (url.includes("/configmaps/")) return { body: { data: { kubeconfig: "a: 1\nb: |\n  c\n" } } };
  return { body: { metadata: { resourceVersion: "1" }, items: [pod] } };
}

const server = createServer((request, response) => {
  const { status = 200, body, stays } = answer(request);
  response.writeHead(status, { "content-type": "application/json" });
  response.write(`${JSON.stringify(body)}\n`);
  if (!stays) response.end();
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  kube = connectKube({
    kubeconfig: JSON.stringify({
      clusters: [
        { name: "c", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } },
      ],
      users: [{ name: "u", user: { token: "t" } }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    }),
  });
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** All texts in an answer, one to a line. */
function textsIn(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null ? Object.values(value).map(textsIn).join("\n") : "";
}

const expectTold = (value: unknown) => expectHarmless(textsIn(value), 10_000);

it("M6 what is listed, read, changed and watched comes as bounded lines", async () => {
  expectTold(await kube.listNodes());
  const read = await kube.readNode("w1");
  expectTold({ ...read, metadata: {} });
  if (read) expectTold(await kube.changeNode(read, { unschedulable: true }));
  expectTold(await kube.listPods());
  expectTold(await kube.readServerVersion());
  using followed = await kube.followPodsOnNode("w1");
  await expect.poll(() => followed.items()[0]?.metadata?.resourceVersion).toBe("3");
  expectTold(followed.items());
});

it("M6 what is compared with the declaration, handed back or parsed comes as it is", async () => {
  const read = await kube.readNode("w1");
  expect(read?.metadata?.annotations?.note).toBe("a\nb");
  expect(read?.spec?.taints).toEqual([{ key: "k", value: "v", effect: "NoSchedule" }]);
  expect(await kube.readConfigMap("kube-public", "cluster-info")).toEqual({
    kubeconfig: "a: 1\nb: |\n  c\n",
  });
});

it("M6 refusals, and answers to evictions, are bounded lines", async () => {
  const eviction = await kube.evictPod({ namespace: "n", name: "p", uid: "u" }, undefined);
  expect(eviction.kind).toBe("refused");
  expectTold(eviction);
  const refused = await kube
    .deletePod({ namespace: "n", name: "p", uid: "u" }, 1)
    .catch((error: Error) => error);
  expectHarmless((refused as Error).message, 2000);
});
