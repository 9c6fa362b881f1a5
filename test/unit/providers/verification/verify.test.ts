// When the checks of a stack are looked at, and what follows from one that does not hold.
import { expect, it, vi } from "vitest";
import { factText } from "../../../../components/drain/preview/fact-text.ts";
import type { KubeApi } from "../../../../components/kube/api.ts";
import { KubeError } from "../../../../components/kube/kube-error.ts";
import { markLeaving } from "../../../../components/providers/cordon.ts";
import { Operation } from "../../../../components/providers/operation.ts";
import {
  beginDisruption,
  endDisruption,
  findCheckFacts,
  requireChecksAfterDrain,
} from "../../../../components/providers/verification/verify.ts";
import { owner } from "../../../support/provider-inputs.ts";

const cluster = {
  kubeconfig: "x",
  verify: {
    withinSeconds: 20,
    checks: [{ name: "shop", namespace: "shop", service: "cart", port: "http", path: "/healthz" }],
  },
};

/** A service that answers with these statuses one after another, then with the last for ever. */
function stackWith(statuses: readonly (number | Error)[], declared: object = cluster) {
  let seconds = 0;
  const answers = [...statuses];
  const askService = vi.fn(async () => {
    const status = answers.length > 1 ? answers.shift() : answers[0];
    if (status instanceof Error) throw status;
    return { status: status ?? 200, said: "" };
  });
  const changeNode = vi.fn(async (node: object) => node);
  const node = { metadata: { name: "w1", annotations: { "nodepools.local/owner": owner } }, spec: {} };
  const kube = {
    clockOffset: () => 0,
    listPods: vi.fn(async () => []),
    listNodes: async () => [node],
    askService,
    changeNode,
  };
  const clock = {
    now: () => seconds,
    sleep: async (pause: number) => {
      seconds += pause;
    },
  };
  const get = (key: string) => (key === "nodepools:cluster" ? JSON.stringify(declared) : undefined);
  const operation = new Operation({ get }, { kube: kube as unknown as KubeApi, clock });
  operation.declaration.hear({ members: [], pools: [], lost: [] });
  const said: string[] = [];
  const say = async (text: string) => void said.push(text);
  const progress = { now: () => undefined, done: () => undefined, say, warn: say };
  return { operation, askService, changeNode, kube, said, progress, now: () => seconds };
}

const forbidden = new KubeError({
  ...{ verb: "asking", object: 'service "shop/cart:http"', text: "forbidden", transient: false },
  status: 403,
});

it("cordons nothing while a check does not hold, and says what was seen", async () => {
  const { operation, changeNode, now } = stackWith([503]);
  const leaving = [{ node: "w1", pool: "workers" }];
  await expect(markLeaving(operation, leaving, owner)).rejects.toThrow(
    "verifying before the first node is cordoned: 1 check of nodepools:cluster.verify does not hold:\n  - shop (http service shop/cart:http/healthz): answers 503\nNothing has begun: this run has cordoned and drained no node.",
  );
  expect(changeNode).not.toHaveBeenCalled();
  expect(now()).toBeLessThan(20);
});

it("begins once the checks hold, and looks once for all nodes", async () => {
  const { operation, changeNode, askService, kube } = stackWith([503, 200]);
  await markLeaving(operation, [{ node: "w1", pool: "workers" }], owner);
  await beginDisruption(operation);
  expect(changeNode).toHaveBeenCalledTimes(1);
  expect(askService).toHaveBeenCalledTimes(2);
  expect(kube.listPods).toHaveBeenCalledTimes(1);
});

it("lets machines go that are lost, whatever that has broken", async () => {
  const { operation, changeNode, askService } = stackWith([503]);
  operation.declaration.hear({ members: [], pools: [], lost: [{ node: "w1", rejoinTrigger: "" }] });
  await markLeaving(operation, [{ node: "w1", pool: "workers" }], owner);
  expect(changeNode).toHaveBeenCalledTimes(1);
  expect(askService).not.toHaveBeenCalled();
});

it("asks nothing on destroy, nor for a stack without checks", async () => {
  const { operation, askService, kube, progress } = stackWith([503]);
  const destroyed = new Operation(
    { get: () => JSON.stringify(cluster) },
    { kube: kube as unknown as KubeApi },
  );
  await beginDisruption(destroyed);
  await requireChecksAfterDrain(destroyed, "w1", progress);
  expect(askService).not.toHaveBeenCalled();
  expect(operation.verification?.checks).toHaveLength(1);
  const plain = stackWith([503], { kubeconfig: "x" });
  await beginDisruption(plain.operation);
  await endDisruption(plain.operation, plain.progress);
  expect(plain.askService).not.toHaveBeenCalled();
  expect(plain.said).toEqual([]);
});

it("waits after a drain for as long as is declared, then keeps the node's host", async () => {
  const recovering = stackWith([503, 503, 200]);
  await requireChecksAfterDrain(recovering.operation, "w1", recovering.progress);
  expect(recovering.now()).toBe(4);
  const broken = stackWith([503]);
  await expect(requireChecksAfterDrain(broken.operation, "w1", broken.progress)).rejects.toThrow(
    /^draining node "w1": its pods are gone, and 20 s later 1 check .* does not hold any more:\n.*answers 503\nThe Node stays cordoned and its host is not touched/,
  );
  expect(broken.now()).toBe(20);
});

it("ends the run with an error, or with a word, when all is done", async () => {
  const { operation, progress, said } = stackWith([200]);
  await endDisruption(operation, progress);
  expect(said).toEqual(["verified: 1 check of nodepools:cluster.verify holds"]);
  const broken = stackWith([503]);
  await expect(endDisruption(broken.operation, broken.progress)).rejects.toThrow(
    "verifying in the end: all is done, and 20 s later 1 check",
  );
});

it("does not wait for a right that is missing", async () => {
  const { operation, now } = stackWith([forbidden]);
  await expect(beginDisruption(operation)).rejects.toThrow("forbidden (403)");
  expect(now()).toBe(0);
});

it("says at preview what will be verified, and what does not hold now", async () => {
  const said = async (answer: number | Error) =>
    (await findCheckFacts(stackWith([answer]).operation)).map(
      (fact) => `${fact.severity}: ${factText(fact)}`,
    );
  expect(await said(503)).toEqual([
    "info: verified before the first cordon, after each drain and in the end, within 20 s: shop (http service shop/cart:http/healthz)",
    "warning: check shop does not hold now, and nothing begins while it does not: answers 503",
  ]);
  expect((await said(forbidden))[1]).toMatch(/^info: check shop was not tried: .*forbidden \(403\)$/);
  expect(await findCheckFacts(stackWith([503], { kubeconfig: "x" }).operation)).toEqual([]);
});

it("tells what a run did, once, by one more list of pods", async () => {
  const { operation, progress, said, kube } = stackWith([], { kubeconfig: "x" });
  await beginDisruption(operation);
  const summary = {
    nodeFound: true,
    evicted: 2,
    deleted: 0,
    restarted: 0,
    waited: 1,
    warnings: [],
    seconds: 3,
  };
  const moved = [1, 2].map((at) => ({ owner: "shop/Deployment cart", at, wasServing: false }));
  operation.record.drained({ node: "w1", pool: "workers", summary: { ...summary, moved } });
  await endDisruption(operation, progress);
  await endDisruption(operation, progress);
  expect(said).toEqual([
    expect.stringMatching(/^pool workers, 0 s: 1 node drained \(w1\); 2 pods moved, 1 waited/),
  ]);
  expect(kube.listPods).toHaveBeenCalledTimes(2);
});

it("is done without a word of pods that cannot be listed", async () => {
  const { operation, progress, said, kube } = stackWith([], { kubeconfig: "x" });
  kube.listPods.mockRejectedValue(new Error("too many requests"));
  await beginDisruption(operation);
  const summary = {
    nodeFound: true,
    evicted: 1,
    deleted: 0,
    restarted: 0,
    waited: 0,
    warnings: [],
    seconds: 3,
    moved: [],
  };
  operation.record.drained({ node: "w1", pool: "workers", summary });
  await endDisruption(operation, progress);
  expect(said).toEqual(["what the run did to the pods was not measured: too many requests"]);
});
