// A change that removes more than is likely to be meant: refused at preview and by up, before anything is done.
import { beforeAll, describe, expect, it } from "vitest";
import { LabStack } from "../../lab/stack.ts";
import { hosts, lab, nodes, readyNodes } from "../support/test-lab.ts";

describe("35 a removal over the limits", () => {
  let stack: LabStack;

  beforeAll(async () => {
    stack = await LabStack.create(lab, "limits");
    stack.declare([{ name: "workers", hosts: hosts(2) }]);
    const run = await stack.up();
    expect(run.ok, run.text).toBe(true);
  });

  it("is refused at preview, naming the override, and does nothing when it is run all the same", async () => {
    stack.declare([{ name: "workers", count: 0, hosts: hosts(2) }]);
    const [preview, run] = [await stack.preview(), await stack.up("--continue-on-error")];
    expect([preview.ok, run.ok], preview.text + run.text).toEqual([false, false]);
    const refusal =
      /pool "workers": 2 of 2 nodes leave \(w1, w2\), limits\.maxRemovals allows 1\. If that is meant, set limits\.maxRemovals: 2/;
    expect(preview.text).toMatch(refusal);
    expect(run.text).toMatch(refusal);
    expect(await readyNodes()).toEqual(["w1", "w2"]);
  });

  it("does not bind destroy", async () => {
    const run = await stack.destroy();
    expect(run.ok, run.text).toBe(true);
    expect([...(await nodes()).keys()]).toEqual([]);
  });
});
