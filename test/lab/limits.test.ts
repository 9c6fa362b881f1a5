// A change that removes more than is likely to be meant: refused at preview, done only when it says so.
import { beforeAll, describe, expect, it } from "vitest";
import { LabStack } from "../../lab/stack.ts";
import { hosts, lab, nodes, readyNodes } from "../support/test-lab.ts";

const all = ["w1", "w2", "w3"];

function pool(count: number, limits?: object): object {
  return { name: "workers", count, hosts: hosts(3), ...(limits && { limits }) };
}

describe("a removal over the limits", () => {
  let stack: LabStack;

  beforeAll(async () => {
    stack = await LabStack.create(lab, "limits");
    stack.declare([pool(3)]);
    const run = await stack.up();
    expect(run.ok, run.text).toBe(true);
  });

  async function refused(pools: object[], text: RegExp): Promise<void> {
    stack.declare(pools);
    const preview = await stack.preview();
    expect(preview.ok, preview.text).toBe(false);
    expect(preview.text).toMatch(text);
  }

  it("35 is refused at preview, naming the override", async () => {
    await refused(
      [pool(1)],
      /pool "workers": 2 of 3 nodes leave \(w2, w3\), limits\.maxRemovals allows 1\. If that is meant, set limits\.maxRemovals: 2/,
    );
    await refused([], /pool "workers": 3 of 3 nodes leave .*keep pool "workers" declared with count: 0/);
    await refused(
      [pool(2, { minReady: 3 })],
      /pool "workers": 2 Ready nodes would stay, limits\.minReady is 3/,
    );
  });

  it("35 changes nothing when it is run all the same", async () => {
    stack.declare([pool(1)]);
    const run = await stack.up("--continue-on-error");
    expect(run.ok, run.text).toBe(false);
    expect(await readyNodes()).toEqual(all);
  });

  it("35 is done with the override", async () => {
    stack.declare([pool(1, { maxRemovals: 2 })]);
    const run = await stack.up();
    expect(run.ok, run.text).toBe(true);
    expect(await readyNodes()).toEqual(["w1"]);
  });

  it("35 does not bind destroy", async () => {
    const run = await stack.destroy();
    expect(run.ok, run.text).toBe(true);
    expect([...(await nodes()).keys()]).toEqual([]);
  });
});
