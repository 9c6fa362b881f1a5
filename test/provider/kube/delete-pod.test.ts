// The deletion of one pod past its budgets, on a real API server.
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectKube } from "../../../components/kube/connect.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

const strangerUid = "00000000-0000-0000-0000-00000000beef";

it("deletes a pod with the grace period that it is given, past an exhausted budget", async () => {
  const { namespace, core, createPod, createBudget } = await createNodeFixture(api);
  const { metadata } = await createPod("web");
  await createBudget("web", { minAvailable: 1 }, { disruptionsAllowed: 0 });
  const kube = connectKube({ kubeconfig: api.kubeconfigPath });
  expect(await kube.deletePod({ namespace, name: "web", uid: metadata?.uid ?? "" }, 7)).toBe("deleted");
  const deleted = await core.readNamespacedPod({ namespace, name: "web" });
  expect(deleted.metadata?.deletionGracePeriodSeconds).toBe(7);
});

it("leaves a new pod of the same name alone", async () => {
  const { namespace, createPod, isTerminating } = await createNodeFixture(api);
  await createPod("web");
  const kube = connectKube({ kubeconfig: api.kubeconfigPath });
  expect(await kube.deletePod({ namespace, name: "web", uid: strangerUid }, 0)).toBe("absent");
  expect(await isTerminating("web")).toBe(false);
});

it("finds a pod absent that is gone", async () => {
  const { namespace } = await createNodeFixture(api);
  const kube = connectKube({ kubeconfig: api.kubeconfigPath });
  expect(await kube.deletePod({ namespace, name: "web", uid: strangerUid }, 0)).toBe("absent");
});

it.each([
  [403, false],
  [503, true],
])("throws when the server answers %i, and asks once", async (status, transient) => {
  await using proxy = await startFaultProxy(api);
  proxy.onRequest = () => ({ status });
  const kube = connectKube({ kubeconfig: proxy.kubeconfig });
  await expect(kube.deletePod({ namespace: "shop", name: "web", uid: strangerUid }, 0)).rejects.toMatchObject(
    {
      message: `deleting Pod "shop/web": injected fault (${status})`,
      failure: { status, transient },
    },
  );
  expect(proxy.requests).toHaveLength(1);
});
