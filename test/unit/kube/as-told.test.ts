// J-H05 M6: what is kept of an answer of the API server, and how.
import { expect, it } from "vitest";
import { asTold } from "../../../components/kube/as-told.ts";
import { describeDeleteHook, findDeleteHooks } from "../../../components/model/delete-hooks.ts";

const hook = "pre-drain.delete.hook.machine.cluster.x-k8s.io/backup";
const time = new Date("2030-01-01T00:00:00Z");
const written = (key: string) => ({
  metadata: {
    annotations: { [key]: "the\nbackups\x1b[2K" },
    managedFields: [
      { manager: "velero\n", time, fieldsV1: { "f:metadata": { "f:annotations": { [`f:${key}`]: {} } } } },
    ],
  },
});

it("J-H05 M6 who holds a removal up, and since when, is told, in one line", () => {
  const hooks = findDeleteHooks(asTold(written(hook)), "pre-drain");
  expect(hooks.map(describeDeleteHook)).toEqual([
    `the\\nbackups\\x1b[2K (${hook}, last written 2030-01-01T00:00:00.000Z by velero\\n)`,
  ]);
});

it("who wrote which other field is not kept", () => {
  expect(asTold(written("example.com/note")).metadata).not.toHaveProperty("managedFields");
});
