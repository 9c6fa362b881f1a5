// What a check finds, from what the cluster or an address answers.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import type { Pod } from "../../../../components/kube/api.ts";
import type { Check } from "../../../../components/model/verification.ts";
import { type CheckApi, lookAt } from "../../../../components/providers/verification/checks.ts";

const service = { name: "shop", kind: "service", namespace: "shop", service: "cart", port: "http" } as const;
const overHttp: Check = { ...service, scheme: "http", path: "/healthz" };
const answering = (status: number, said = ""): CheckApi =>
  ({ askService: async () => ({ status, said }) }) as unknown as CheckApi;

it.each([
  [200, "", undefined],
  [302, "", undefined],
  [503, "upstream is\ndown", "answers 503: upstream is"],
  [500, "<html>", "answers 500"],
  [404, "\u001b[2J", "answers 404: \\x1b[2J"],
])("takes a service that answers %i %j as it is", async (status, said, why) => {
  expect(await lookAt(answering(status, said), overHttp)).toBe(why);
});

it("asks for the port by name, over https by its prefix", async () => {
  const asked: string[][] = [];
  const kube = {
    askService: async (...call: string[]) => {
      asked.push(call);
      return { status: 200, said: "" };
    },
  } as unknown as CheckApi;
  await lookAt(kube, overHttp);
  await lookAt(kube, { ...overHttp, scheme: "https" });
  expect(asked).toEqual([
    ["shop", "cart:http", "/healthz"],
    ["shop", "https:cart:http", "/healthz"],
  ]);
});

const podOf = (name: string, ready: string, more: Pod["metadata"] = {}): Pod => ({
  metadata: { name, namespace: "shop", ...more },
  status: { phase: "Running", conditions: [{ type: "Ready", status: ready }] },
});
const having = (replicas: number | undefined, ...pods: Pod[]): CheckApi =>
  ({
    readWorkload: async () =>
      replicas === undefined ? undefined : { uid: "1", replicas, selector: "app=cart", isEnding: false },
    listPodsSelected: async () => pods,
  }) as unknown as CheckApi;
const cart: Check = { name: "c", kind: "workload", namespace: "shop", owner: "Deployment", workload: "cart" };
const web: Check = { name: "w", kind: "pods", namespace: "shop", selector: "app=web" };

it("wants of an owner all its pods Ready, and one at least", async () => {
  expect(await lookAt(having(2, podOf("a", "True"), podOf("b", "True")), cart)).toBeUndefined();
  expect(await lookAt(having(2, podOf("a", "True"), podOf("b", "False")), cart)).toBe("1 of 2 pods Ready");
  expect(await lookAt(having(0), cart)).toBe("0 of 1 pods Ready");
  expect(await lookAt(having(undefined), cart)).toBe("is not there");
});

it("wants all pods that a selector selects Ready, but for those that end", async () => {
  const ending = podOf("b", "False", { deletionTimestamp: new Date(0) });
  expect(await lookAt(having(1, podOf("a", "True"), ending), web)).toBeUndefined();
  expect(await lookAt(having(1, podOf("a", "True"), podOf("b", "False")), web)).toBe(
    "1 pod of 2 not Ready: shop/b",
  );
  expect(await lookAt(having(1), web)).toBe("selects no pod");
});

it("asks an address, follows no redirect and reads no flood", async () => {
  const server = createServer((request, response) => {
    if (request.url === "/moved") {
      response.writeHead(302, { location: "/never" }).end();
      return;
    }
    response.writeHead(request.url === "/flood" ? 500 : 200);
    const flood = () => {
      while (response.write("x".repeat(65_536)));
      response.once("drain", flood);
    };
    flood();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const at = (path: string): Check => ({ name: "u", kind: "url", url: `http://127.0.0.1:${port}${path}` });
  expect(await lookAt(answering(0), at("/moved"))).toBeUndefined();
  expect(await lookAt(answering(0), at("/endless"))).toBeUndefined();
  expect(await lookAt(answering(0), at("/flood"))).toMatch(/^answers 500: x{100}/);
});

it("says why an address does not answer", async () => {
  const nobody: Check = { name: "u", kind: "url", url: "http://127.0.0.1:1/" };
  await expect(lookAt(answering(0), nobody)).rejects.toThrow(/^no answer: .*(ECONNREFUSED|bad port)/);
});
