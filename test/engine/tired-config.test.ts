// Configs as tired people write them, through the real CLI: what YAML and the CLI make of values, keys that nobody reads,
// a kubeconfig of another cluster, and an agent with too many keys.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { expect, it } from "vitest";
import { hostKeyBytes, keyFingerprint } from "../../components/ssh/host-key.ts";
import { startSshAgent } from "../support/ssh-agent.ts";
import { newKey } from "../support/sshd.ts";
import { readyNodes } from "./site/nodes.ts";
import { fails, saidOf, stepsOf, succeeds } from "./site/run.ts";
import { setScene } from "./site/scene.ts";

const scene = setScene("tired", 1, { settings: ["MaxAuthTries 2"] });

const errorsOf = (run: Parameters<typeof saidOf>[0]) =>
  saidOf(run).filter((said) => said.startsWith("error: "));

it("J-C10 J-C12 J-C16 J-C17 each slip of the pen is told in one preview, with what was meant", async () => {
  const { stack, site, host } = scene;
  const key = readFileSync(site.sshKey.privateKeyFile, "utf8").replaceAll("\n", " ");
  const pool = {
    name: "workers",
    prepare: { kubernetes: "VERSION" },
    labels: { zone: "ZONE" },
    hosts: [host(1).declare({ rebootTrigger: "DATE", rejoinTrigger: "LARGE" })],
  };
  stack.declare([pool], { ssh: { privateKeyFile: undefined, privateKey: key } });
  const file = readFileSync(stack.configFile, "utf8")
    .replace("VERSION", "1.30")
    .replace("ZONE", "0o17")
    .replace("DATE", "2026-11-28")
    .replace("LARGE", "12345678901234567890")
    .replace("config:\n", "config:\n  nodepools:limits: { maxRemovals: 0 }\n");
  writeFileSync(stack.configFile, file);
  const [refusal = "", ...others] = errorsOf(await fails(stack.preview()));
  expect(others).toEqual([]);
  expect(refusal.split("\n").slice(1)).toEqual([
    expect.stringMatching(/^ {2}ssh\.privateKey: its line breaks are gone: /),
    '  pools[0].labels.zone (pool "workers"): 15 is not a label value. Write it in quotes: "15".',
    '  pools[0].prepare.kubernetes (pool "workers"): 1.3 is not a version of Kubernetes, such as "1.34.4". Write it in quotes: "1.30".',
    '  pools[0].hosts[0].rebootTrigger (host "w1" of pool "workers"): a date without quotes, of which the Pulumi CLI made "2026-11-28 00:00:00 +0000 UTC". Write it in quotes: "2026-11-28".',
    expect.stringMatching(
      /hosts\[0\]\.rejoinTrigger \(host "w1" of pool "workers"\): 12345678901234567000 is not a text\. /,
    ),
    "  limits: unknown key. It belongs in an entry of nodepools:pools. Known here: cluster, ssh, pools, poolsFile.",
  ]);
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
  const preview = await fails(stack.preview());
  const told = errorsOf(preview).filter((said) => said.includes("not from the CA in the kubeconfig"));
  expect(told).toHaveLength(1);
  expect(told[0]).toContain(`the certificate of ${site.api.url}`);
  expect(told[0]).toContain("Give nodepools:cluster the kubeconfig of this cluster");
});

it("J-C14 a host joins by one key of an agent that holds too many", async () => {
  const { stack, site, host } = scene;
  const others = ["one", "two", "three"].map((name) => join(site.folder, name));
  for (const name of ["one", "two", "three"]) newKey(site.folder, name, "ed25519");
  await using agent = await startSshAgent(site.folder, ...others, site.sshKey.privateKeyFile);
  const agentKey = keyFingerprint(hostKeyBytes(site.sshKey.publicKey));
  const pools = [{ name: "workers", hosts: [host(1).declare()] }];
  const ssh = { privateKeyFile: undefined, agentSocket: agent.socket };
  stack.declare(pools, { ssh });
  expect((await fails(stack.up())).text).toContain("choose one by ssh.agentKey");
  stack.declare(pools, { ssh: { ...ssh, agentKey } });
  await succeeds(stack.up());
  expect(await readyNodes()).toEqual(["w1"]);
  expect(stepsOf(await succeeds(stack.preview()))).toEqual([]);
  await succeeds(stack.destroy());
});
