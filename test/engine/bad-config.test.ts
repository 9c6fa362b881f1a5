// Configs as tired people write them, through the real CLI: mistakes of all kinds, which one preview names without a
// contact; what YAML and the CLI make of values, keys that nobody reads, a kubeconfig of another cluster, and an agent with
// too many keys.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { beforeAll, expect, it } from "vitest";
import { hostKeyBytes, keyFingerprint } from "../../components/ssh/host-key.ts";
import { startSshAgent } from "../support/ssh-agent.ts";
import { newKey } from "../support/sshd.ts";
import { readyNodes, tokens } from "./site/nodes.ts";
import { type EngineRun, fails, saidOf, stepsOf, succeeds } from "./site/run.ts";
import { setScene } from "./site/scene.ts";

const scene = setScene("tired", 1, { settings: ["MaxAuthTries 2"] });
let preview: EngineRun;
let key: string;

const errorsOf = (run: EngineRun) => saidOf(run).filter((said) => said.startsWith("error: "));
const refusalOf = (run: EngineRun) => errorsOf(run)[0]?.split("\n") ?? [];

const problems = [
  /^ {2}pools\[0\]\.name \(pool "Web_01"\): "Web_01" is not a pool name; .* Write for example "web-01"\.$/,
  /^ {2}pools\[0\]\.count \(pool "Web_01"\): 5 is more than the pool has eligible hosts \(3\)/,
  /^ {2}pools\[0\]\.labels\["example\.com\/tier"\] \(pool "Web_01"\): "two words" is not a label value/,
  /^ {2}pools\[0\]\.taints\[0\]\.effect \(pool "Web_01"\): "NoScheduel" is not a taint effect; .* Did you mean "NoSchedule"\?$/,
  /^ {2}pools\[0\]\.drain\.timeoutSecond \(pool "Web_01"\): unknown key\. Did you mean "timeoutSeconds"\?$/,
  /^ {2}pools\[0\]\.hosts\[1\]\.port \(host "w2" of pool "Web_01"\): 70000 is not a TCP port/,
  /^ {2}pools\[0\]\.hosts\[2\]\.name \(host "w1" of pool "Web_01"\): "w1" is already the name of pools\[0\]\.hosts\[0\]/,
];

const slips = [
  /^ {2}ssh\.privateKey: its line breaks are gone: /,
  '  pools[1].labels.zone (pool "workers"): 15 is not a label value. Write it in quotes: "15".',
  '  pools[1].prepare.kubernetes (pool "workers"): 1.3 is not a version of Kubernetes, such as "1.34.4". Write it in quotes: "1.30".',
  '  pools[1].hosts[0].rebootTrigger (host "w4" of pool "workers"): a date without quotes, of which the Pulumi CLI made "2026-11-28 00:00:00 +0000 UTC". Write it in quotes: "2026-11-28".',
  /hosts\[0\]\.rejoinTrigger \(host "w4" of pool "workers"\): 12345678901234567000 is not a text\. /,
  "  limits: unknown key. It belongs in an entry of nodepools:pools. Known here: cluster, ssh, pools, poolsFile.",
];

/** Previews both pools, the one with mistakes and the one with slips of the pen. */
beforeAll(async () => {
  const { stack, site, host } = scene;
  key = readFileSync(site.sshKey.privateKeyFile, "utf8");
  const mistaken = {
    name: "Web_01",
    count: 5,
    labels: { "example.com/tier": "two words" },
    taints: [{ key: "dedicated", value: "web", effect: "NoScheduel" }],
    drain: { timeoutSecond: 60 },
    hosts: [{}, { name: "w2", port: 70000 }, { address: "127.0.0.3" }].map((more) => host(1).declare(more)),
  };
  const slipped = {
    name: "workers",
    prepare: { kubernetes: "VERSION" },
    labels: { zone: "ZONE" },
    hosts: [
      host(1).declare({ name: "w4", address: "127.0.0.4", rebootTrigger: "DATE", rejoinTrigger: "LARGE" }),
    ],
  };
  const ssh = { privateKeyFile: undefined, privateKey: key.replaceAll("\n", " ") };
  stack.declare([mistaken, slipped], { ssh });
  const file = readFileSync(stack.configFile, "utf8")
    .replace("VERSION", "1.30")
    .replace("ZONE", "0o17")
    .replace("DATE", "2026-11-28")
    .replace("LARGE", "12345678901234567890")
    .replace("config:\n", "config:\n  nodepools:limits: { maxRemovals: 0 }\n");
  writeFileSync(stack.configFile, file);
  preview = await fails(stack.preview());
});

it("J-20 J-21 J-22 J-23 is refused by the preview, with every mistake and its path in one message", () => {
  expect(errorsOf(preview)).toHaveLength(1);
  const [title, ...lines] = refusalOf(preview);
  expect(title).toBe('error: reading the config of stack "tired": 13 problems, nothing was changed.');
  for (const problem of problems) expect(lines).toContainEqual(expect.stringMatching(problem));
  // A line for each and no other: no stack trace either.
  expect(lines).toHaveLength(problems.length + slips.length);
});

it("J-C10 J-C12 J-C16 J-C17 each slip of the pen is told in one preview, with what was meant", () => {
  const lines = refusalOf(preview);
  for (const slip of slips)
    expect(lines).toContainEqual(typeof slip === "string" ? slip : expect.stringMatching(slip));
});

it("J-23 does not show the secret value", () => {
  const [, body = "none"] = key.split("\n");
  expect(preview.text).toContain("ssh.privateKey: its line breaks are gone");
  expect(preview.text.includes(body)).toBe(false);
});

it("leaves state, host and cluster alone", async () => {
  expect([...scene.stack.state().keys()]).toEqual([]);
  expect(scene.host(1).logins()).toBe(0);
  expect(await tokens()).toEqual([]);
});

it("J-C19 a kubeconfig of another CA is told by the first preview, once", async () => {
  const { stack, site, host } = scene;
  const kubeconfig = join(site.folder, "other-ca.conf");
  const others = Buffer.from(rootCertificates[0] ?? "").toString("base64");
  const own = readFileSync(site.identityPath, "utf8");
  const changed = own.replace(/("?certificate-authority-data"?: ?)"?[\w+/=]+"?/, `$1"${others}"`);
  expect(changed).toContain(others);
  writeFileSync(kubeconfig, changed);
  stack.declare([{ name: "workers", hosts: [host(1).declare()] }], { cluster: { kubeconfig } });
  const told = errorsOf(await fails(stack.preview())).filter((said) =>
    said.includes("not from the CA in the kubeconfig"),
  );
  expect(told).toHaveLength(1);
  expect(told[0]).toContain(`the certificate of ${site.api.url}`);
  expect(told[0]).toContain("Give nodepools:cluster the kubeconfig of this cluster");
});

it("J-C14 a host joins by one key of an agent that holds too many, and the next run has no change", async () => {
  const { stack, site, host } = scene;
  const others = ["one", "two", "three"].map((name) => join(site.folder, name));
  for (const name of ["one", "two", "three"]) newKey(site.folder, name, "ed25519");
  await using agent = await startSshAgent(site.folder, ...others, site.sshKey.privateKeyFile);
  const agentKey = keyFingerprint(hostKeyBytes(site.sshKey.publicKey));
  const ssh = { privateKeyFile: undefined, agentSocket: agent.socket, agentKey };
  stack.declare([{ name: "workers", hosts: [host(1).declare()] }], { ssh });
  await succeeds(stack.up());
  expect(await readyNodes()).toEqual(["w1"]);
  expect(stepsOf(await succeeds(stack.preview()))).toEqual([]);
});
