// What a pod is told of itself.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { ownPod } from "../../../components/providers/roster/own-pod.ts";

it("J-A14 knows the pod that the program runs in by its namespace and its host name", () => {
  const folder = mkdtempSync(join(tmpdir(), "own-pod-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "namespace");
  expect(ownPod(file)).toBeUndefined();
  writeFileSync(file, "ci\n");
  expect(ownPod(file)).toBe(`ci/${hostname()}`);
});
