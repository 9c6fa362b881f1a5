// A config full of mistakes: one preview names them all, and nothing is contacted, created or given away.
import { beforeAll, describe, expect, it } from "vitest";
import type { LabStack, PulumiRun } from "../../lab/stack.ts";
import { succeeds } from "../support/pulumi-run.ts";
import { createStack, host, loginsOn, mintedTokens } from "../support/test-lab.ts";

const secret = "hunter2-is-no-private-key";

const badPools = [
  {
    name: "Web_01",
    count: 5,
    labels: { "example.com/tier": "two words" },
    taints: [{ key: "dedicated", value: "web", effect: "NoScheduel" }],
    drain: { timeoutSecond: 60 },
    hosts: [host(1), host(2, { port: 70000 }), { name: "w1", address: "10.89.0.13" }],
  },
];

const problems = [
  /^ {6}ssh\.privateKey: not a private key/m,
  /^ {6}pools\[0\]\.name \(pool "Web_01"\): "Web_01" is not a pool name; .* Write for example "web-01"\.$/m,
  /^ {6}pools\[0\]\.count \(pool "Web_01"\): 5 is more than the pool has eligible hosts \(3\)/m,
  /^ {6}pools\[0\]\.labels\["example\.com\/tier"\] \(pool "Web_01"\): "two words" is not a label value/m,
  /^ {6}pools\[0\]\.taints\[0\]\.effect \(pool "Web_01"\): "NoScheduel" is not a taint effect; .* Did you mean "NoSchedule"\?$/m,
  /^ {6}pools\[0\]\.drain\.timeoutSecond \(pool "Web_01"\): unknown key\. Did you mean "timeoutSeconds"\?$/m,
  /^ {6}pools\[0\]\.hosts\[1\]\.port \(host "w2" of pool "Web_01"\): 70000 is not a TCP port/m,
  /^ {6}pools\[0\]\.hosts\[2\]\.name \(host "w1" of pool "Web_01"\): "w1" is already the name of pools\[0\]\.hosts\[0\]/m,
];

describe("a config with eight mistakes", () => {
  let stack: LabStack;
  let loginsBefore: number;
  let preview: PulumiRun;

  beforeAll(async () => {
    stack = await createStack("mistaken");
    stack.declare(badPools, { ssh: { privateKeyFile: undefined, privateKey: secret } });
    loginsBefore = await loginsOn("w1");
    preview = await stack.preview();
  });

  it("J-20 J-21 J-22 J-23 is refused by the preview, with every mistake and its path in one message", () => {
    expect(preview.ok, preview.text).toBe(false);
    const [, diagnostics = ""] = preview.text.split("Diagnostics:");
    expect(diagnostics.match(/^ +error: .*/gm)).toEqual([
      '    error: reading the config of stack "mistaken": 8 problems, nothing was changed.',
    ]);
    for (const problem of problems) expect(diagnostics).toMatch(problem);
  });

  it("J-23 shows neither the secret value nor a stack trace", () => {
    expect(preview.text).not.toContain(secret);
    expect(preview.text).not.toMatch(/^\s+at .*:\d+/m);
  });

  it("leaves state, hosts and cluster alone", async () => {
    const state = await succeeds(stack.run(["stack", "export", "--stack", stack.name]));
    expect(JSON.parse(state.text).deployment.resources ?? []).toEqual([]);
    // Counting takes a login itself.
    expect(await loginsOn("w1")).toBe(loginsBefore + 1);
    expect(await mintedTokens()).toEqual([]);
  });
});
