// What a pod is told of itself.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { ownPod } from "../../../components/providers/roster/own-pod.ts";

const token = (claims: unknown) =>
  ["{}", JSON.stringify(claims), "signature"]
    .map((part) => Buffer.from(part).toString("base64url"))
    .join(".");

it("J-A14 knows the pod that the program runs in by the token of its account", () => {
  const folder = mkdtempSync(join(tmpdir(), "own-pod-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "token");
  const told = (text: string) => {
    writeFileSync(file, text);
    return ownPod(file);
  };
  expect(ownPod(file)).toBeUndefined();
  const pod = { name: "runner-1", uid: "80c5a3b1" };
  expect(told(token({ "kubernetes.io": { namespace: "ci", pod } }))).toBe("80c5a3b1");
  for (const text of [
    "",
    "opaque",
    token(null),
    token({ sub: "ci" }),
    token({ "kubernetes.io": { pod: {} } }),
  ])
    expect(told(text), text).toBeUndefined();
});
