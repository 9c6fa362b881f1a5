// The Node of a host that was drained and reset goes, and stays gone, on a real API server.
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectKube } from "../../../components/kube/connect.ts";
import { ownerAnnotation } from "../../../components/model/owner.ts";
import { deleteOwnNode } from "../../../components/providers/enrollment/delete-node.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { leapingClock } from "../../support/clocks.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { operationOver } from "../../support/operation.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

const owner = "org/project/stack";
// The server's own value where no kubelet has reported one.
const machineId = "";

it.concurrent("D-N17 gives up on a Node that a finalizer of others keeps, and says so", async () => {
  const { annotate, core, nodeName } = await createNodeFixture(api);
  await annotate({ [ownerAnnotation]: owner });
  const hold = [{ op: "add", path: "/metadata/finalizers", value: ["example.com/hold"] }];
  await core.patchNode({ name: nodeName, body: hold });
  await using proxy = await startFaultProxy(api);
  const kube = connectKube({ kubeconfig: proxy.kubeconfig });
  await expect(
    deleteOwnNode(operationOver(kube, { clock: leapingClock() }), { node: nodeName, machineId, owner }),
  ).rejects.toThrow(
    `deleting node "${nodeName}": it is deleted, but kept after 15 s by its finalizers example.com/hold`,
  );
  expect(proxy.count("DELETE", `/nodes/${nodeName}`)).toBe(1);
});

it.concurrent("D-N19 deletes a Node again that a kubelet registers once more", async () => {
  const { annotate, core, nodeName } = await createNodeFixture(api);
  await annotate({ [ownerAnnotation]: owner });
  await using proxy = await startFaultProxy(api);
  const kube = connectKube({ kubeconfig: proxy.kubeconfig });
  let reads = 0;
  proxy.onRequest = async ({ method }) => {
    // Just before the second look at it.
    if (method === "GET" && ++reads === 2)
      await core.createNode({
        body: { metadata: { name: nodeName, annotations: { [ownerAnnotation]: owner } } },
      });
    return undefined;
  };
  await deleteOwnNode(operationOver(kube), { node: nodeName, machineId, owner });
  expect(proxy.count("DELETE", `/nodes/${nodeName}`)).toBe(2);
  expect(await kube.readNode(nodeName)).toBeUndefined();
});
