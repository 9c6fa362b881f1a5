// What a kubelet may write on its own Node, asked of a real API server as kubeadm starts it: no mark that a step follows
// from, neither on a Node that exists nor when it registers one.
import { CoreV1Api, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type MarkEdits, readMarks } from "../../../components/model/node-marks.ts";
import { adminConfig } from "../../support/admin-config.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { kubeletKubeconfig } from "../../support/certificates.ts";
import { markLabels } from "../../support/marks.ts";

const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
const time = "2026-01-01T00:00:00.000Z";
const marks: MarkEdits = {
  ...{ owner: "acme/nodepools/dev", pool: "workers", cordoned: true, leaving: time, drainStarted: time },
  ...{ reboot: { trigger: "0".repeat(16), bootId: "b", uncordon: true, down: true }, resetting: time },
};
const labels = Object.entries(markLabels(marks));

let api: ApiServer;
let admin: CoreV1Api;
/** The kubelets of two Nodes: of one that exists, and of one that is to register. */
let w1: CoreV1Api;
let w2: CoreV1Api;

const clientOf = (kubeconfig: string) => {
  const config = adminConfig(kubeconfig);
  return config.makeApiClient(CoreV1Api);
};

beforeAll(async () => {
  api = await startApiServer();
  admin = clientOf(api.kubeconfigText);
  [w1, w2] = ["w1", "w2"].map((name) =>
    clientOf(kubeletKubeconfig(api.folder, api.kubeconfigText, name)),
  ) as [CoreV1Api, CoreV1Api];
  const registered = {
    metadata: { name: "w1" },
    spec: { taints: [{ key: "quarantine", effect: "NoSchedule" }] },
  };
  await admin.createNode({ body: registered });
  await admin.patchNode(
    { name: "w1", body: { metadata: { labels: Object.fromEntries(labels) } } },
    mergePatch,
  );
});

afterAll(() => api.stop());

const statusOf = (call: Promise<unknown>) =>
  call.then(
    () => 200,
    (error: { code?: number }) => error.code,
  );
const change = (body: object) => statusOf(w1.patchNode({ name: "w1", body }, mergePatch));
const read = () => admin.readNode({ name: "w1" });

it.each(labels)("H2 neither changes nor removes nor registers %s", async (key, value) => {
  const answers = [
    await change({ metadata: { labels: { [key]: `${value}x` } } }),
    await change({ metadata: { labels: { [key]: null } } }),
    await statusOf(w2.createNode({ body: { metadata: { name: "w2", labels: { [key]: value } } } })),
  ];
  expect(answers).toEqual([403, 403, 403]);
});

it("H2 changes no taint of its Node, as that of a drain", async () => {
  expect(await change({ spec: { taints: [{ key: "nodepools.local/leaving", effect: "NoSchedule" }] } })).toBe(
    403,
  );
});

it("H2 may write the annotations that earlier versions had, which say nothing of a Node with marks", async () => {
  const before = readMarks(await read());
  const annotations = {
    "nodepools.local/pool": "prod-db",
    "nodepools.local/rebooting": '{"trigger":"","bootId":"b","uncordon":true,"down":true}',
    ...Object.fromEntries(
      ["owner", "cordoned", "leaving", "drain-started", "resetting"].map((mark) => [
        `nodepools.local/${mark}`,
        time,
      ]),
    ),
  };
  expect(await change({ metadata: { annotations } })).toBe(200);
  const seen = await read();
  expect(seen.metadata?.annotations).toMatchObject(annotations);
  expect(readMarks(seen)).toEqual(before);
});
