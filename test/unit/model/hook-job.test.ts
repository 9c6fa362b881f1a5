// The Job of a hook: what is taken over from its manifest and what is not, and which manifests are none.
import { expect, it } from "vitest";
import { jobFault, renderJob } from "../../../components/model/hook-job.ts";

const container = { name: "main", image: "backup" };
const template = { spec: { containers: [container] } };
const cause = {
  ...({ hook: "backup", point: "beforeDrain", occasion: "leave", node: "w1", pool: "workers" } as const),
  timeoutSeconds: 600,
};

it("J-H04 gives a Job our name and labels, the hook's limit, its node, and no owner", () => {
  const ownerReferences = [{ apiVersion: "v1", kind: "Node", name: "w1", uid: "u" }];
  const metadata = {
    name: "mine",
    namespace: "ops",
    ownerReferences,
    finalizers: ["x"],
    labels: { team: "a" },
  };
  const env = [{ name: "NODEPOOLS_POOL", value: "own" }];
  const manifest = {
    metadata,
    spec: { backoffLimit: 1, template: { spec: { containers: [{ ...container, env }] } } },
  };
  const labels = { "app.kubernetes.io/managed-by": "nodepools", "nodepools.local/hook": "backup" };
  expect(renderJob(manifest, "nodepools-backup-1", "ops", cause)).toEqual({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      ...{ name: "nodepools-backup-1", namespace: "ops", labels: { team: "a", ...labels } },
      annotations: { "nodepools.local/node": "w1", "nodepools.local/hook-point": "leave/beforeDrain" },
    },
    spec: {
      ...{ backoffLimit: 1, activeDeadlineSeconds: 600, ttlSecondsAfterFinished: 86_400 },
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: "Never",
          containers: [
            {
              ...container,
              terminationMessagePolicy: "FallbackToLogsOnError",
              env: [
                { name: "NODEPOOLS_POOL", value: "own" },
                { name: "NODEPOOLS_NODE", value: "w1" },
                { name: "NODEPOOLS_POINT", value: "beforeDrain" },
                { name: "NODEPOOLS_OCCASION", value: "leave" },
              ],
            },
          ],
        },
      },
    },
  });
});

it("J-H04 keeps a shorter limit of the manifest", () => {
  const spec = { activeDeadlineSeconds: 10, template };
  expect(renderJob({ spec }, "j", "ops", cause)).toMatchObject({ spec: { activeDeadlineSeconds: 10 } });
});

it.each<[string, unknown, string | undefined]>([
  [
    "a Job",
    { apiVersion: "batch/v1", kind: "Job", metadata: { namespace: "ops" }, spec: { template } },
    undefined,
  ],
  ["its spec alone", { spec: { template } }, undefined],
  ["a text", "job", "is not a Job: give a map with spec.template"],
  [
    "a CronJob",
    { apiVersion: "batch/v1", kind: "CronJob", spec: { template } },
    "is not a Job: give one of apiVersion batch/v1",
  ],
  [
    "a Job of another namespace",
    { metadata: { namespace: "x" }, spec: { template } },
    "names a namespace of its own: give the one of the hook, or leave it out",
  ],
  [
    "a Job without containers",
    { spec: { template: { spec: { containers: [] } } } },
    "has no containers: give spec.template.spec.containers",
  ],
])("J-H04 judges %s", (_what, manifest, fault) => {
  expect(jobFault(manifest, "ops")).toBe(fault);
});
