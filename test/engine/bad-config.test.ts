// A config full of mistakes: one preview names them all, and nothing is contacted, created or given away.
import { beforeAll, expect, it } from "vitest";
import { tokens } from "./site/nodes.ts";
import { type EngineRun, fails, saidOf } from "./site/run.ts";
import { setScene } from "./site/scene.ts";

const secret = "hunter2-is-no-private-key";

const problems = [
  /^ {2}ssh\.privateKey: not a private key/m,
  /^ {2}pools\[0\]\.name \(pool "Web_01"\): "Web_01" is not a pool name; .* Write for example "web-01"\.$/m,
  /^ {2}pools\[0\]\.count \(pool "Web_01"\): 5 is more than the pool has eligible hosts \(3\)/m,
  /^ {2}pools\[0\]\.labels\["example\.com\/tier"\] \(pool "Web_01"\): "two words" is not a label value/m,
  /^ {2}pools\[0\]\.taints\[0\]\.effect \(pool "Web_01"\): "NoScheduel" is not a taint effect; .* Did you mean "NoSchedule"\?$/m,
  /^ {2}pools\[0\]\.drain\.timeoutSecond \(pool "Web_01"\): unknown key\. Did you mean "timeoutSeconds"\?$/m,
  /^ {2}pools\[0\]\.hosts\[1\]\.port \(host "w2" of pool "Web_01"\): 70000 is not a TCP port/m,
  /^ {2}pools\[0\]\.hosts\[2\]\.name \(host "w1" of pool "Web_01"\): "w1" is already the name of pools\[0\]\.hosts\[0\]/m,
];

const scene = setScene("mistaken", 3);
let preview: EngineRun;

beforeAll(async () => {
  const pool = {
    name: "Web_01",
    count: 5,
    labels: { "example.com/tier": "two words" },
    taints: [{ key: "dedicated", value: "web", effect: "NoScheduel" }],
    drain: { timeoutSecond: 60 },
    hosts: [
      scene.host(1).declare(),
      scene.host(2).declare({ port: 70000 }),
      scene.host(3).declare({ name: "w1" }),
    ],
  };
  scene.stack.declare([pool], { ssh: { privateKeyFile: undefined, privateKey: secret } });
  preview = await fails(scene.stack.preview());
});

it("J-20 J-21 J-22 J-23 is refused by the preview, with every mistake and its path in one message", () => {
  const errors = saidOf(preview).filter((said) => said.startsWith("error: "));
  expect(errors).toHaveLength(1);
  const [refusal = ""] = errors;
  expect(refusal.split("\n")[0]).toBe(
    'error: reading the config of stack "mistaken": 8 problems, nothing was changed.',
  );
  for (const problem of problems) expect(refusal).toMatch(problem);
  // A line for each and no other: no stack trace either.
  expect(refusal.split("\n")).toHaveLength(1 + problems.length);
});

it("J-23 does not show the secret value", () => {
  expect(preview.text).toContain("ssh.privateKey: not a private key");
  expect(preview.text.includes(secret)).toBe(false);
});

it("leaves state, hosts and cluster alone", async () => {
  expect([...scene.stack.state().keys()]).toEqual([]);
  expect(scene.hosts.map((host) => host.logins())).toEqual([0, 0, 0]);
  expect(await tokens()).toEqual([]);
});
