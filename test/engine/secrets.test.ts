// Where the secrets of a join are not: output, state, config, command lines, environments and files of the host.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { startSshAgent } from "../support/ssh-agent.ts";
import type { EngineHost } from "./site/host.ts";
import { readyNodes } from "./site/nodes.ts";
import { type EngineRun, stepsOf } from "./site/run.ts";
import { setScene } from "./site/scene.ts";

const scene = setScene("secrets", 2);
let run: EngineRun;
let secrets: Record<"token" | "sshKey" | "clientKey" | "encodedClientKey", string>;
/** What the processes of the host showed while kubeadm joined it. */
let shown: string;

/** Shown on purpose, so that a search that finds nothing proves something. */
const decoys = ["decoy1.aaaaaaaaaaaaaaaa", "decoy2.bbbbbbbbbbbbbbbb"];
const tokenShape = /(?<![a-z0-9])[a-z0-9]{6}\.[a-z0-9]{16}(?![a-z0-9])/g;

/** A piece of a private key's text that is in no public key. */
function bodyOf(key: string): string {
  const [, , line = ""] = key.split("\n").filter((text) => !text.startsWith("-----"));
  return line;
}

/** Names the secrets that a text gives away. */
function leaks(text: string): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => (text.includes(secret) ? [name] : []));
}

/** Reads all files below a folder as one text. */
function textBelow(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files.map((file) => readFileSync(join(file.parentPath, file.name), "latin1")).join("\n");
}

/** Runs `up` with these options up to the join of a host, looks around there, and lets it go on; returns the token too. */
async function upHeld(host: EngineHost, look: () => Promise<void>, ...options: readonly string[]) {
  const { stack, site } = scene;
  await host.run("touch /run/hold-join");
  const up = stack.up(...options);
  const held = host.run("until test -e /run/held-join; do sleep 0.1; done");
  await Promise.race([
    held,
    up.then(({ text }) => Promise.reject(new Error(`it ended before kubeadm:\n${text}`))),
  ]);
  const { items } = await site.core.listNamespacedSecret({ namespace: "kube-system" });
  const secret = items.find(({ type }) => type === "bootstrap.kubernetes.io/token")?.data?.["token-secret"];
  await look();
  await host.run("rm /run/hold-join");
  return { run: await up, token: Buffer.from(secret ?? "", "base64").toString() };
}

beforeAll(async () => {
  const { stack, site } = scene;
  const [host] = scene.hosts;
  if (host === undefined) throw new Error("no host");
  stack.declare([{ name: "workers", hosts: [host.declare()] }], {
    cluster: { kubeconfig: undefined, context: undefined },
  });
  const setting = ["nodepools:cluster.kubeconfig", "--config-file", stack.configFile];
  await stack.ask(["config", "set", "--secret", "--path", ...setting], site.api.kubeconfigText);
  await host.run(
    `SHOWN=${decoys[1]} setsid sh -c 'sleep 1000; : ${decoys[0]}' > /dev/null 2>&1 < /dev/null &`,
  );
  const look = async () => {
    shown = await host.run(
      "cd /proc; for p in [0-9]*; do tr '\\0' ' ' < $p/cmdline; tr '\\0' ' ' < $p/environ; echo; done",
    );
  };
  const held = await upHeld(host, look, "--debug", "--logtostderr", "-v=3");
  run = held.run;
  const encodedClientKey = /client-key-data: (\S+)/.exec(site.api.kubeconfigText)?.[1] ?? "";
  secrets = {
    token: held.token,
    sshKey: bodyOf(readFileSync(site.sshKey.privateKeyFile, "utf8")),
    clientKey: bodyOf(Buffer.from(encodedClientKey, "base64").toString()),
    encodedClientKey: encodedClientKey.slice(0, 200),
  };
  for (const secret of Object.values(secrets)) expect(secret.length).toBeGreaterThanOrEqual(16);
});

it("J-40 joins with a kubeconfig given as a secret text, which the config file holds encrypted", async () => {
  expect(run.ok, run.text).toBe(true);
  expect(stepsOf(run)).toContain("create NodeMembership w1");
  expect(await readyNodes()).toEqual(["w1"]);
  const config = readFileSync(scene.stack.configFile, "utf8");
  expect(config).toMatch(/kubeconfig:\s+secure: v1:/);
  expect(leaks(config)).toEqual([]);
});

it("J-40 shows no token and no key on any command line or in any environment of the host", () => {
  expect(shown).toMatch(
    /kubeadm join --config \/run\/nodepools-join\.\w+\/join\.yaml|join --config \/run\/nodepools-join/,
  );
  expect([...new Set(shown.match(tokenShape))].sort()).toEqual(decoys);
  expect(leaks(shown)).toEqual([]);
});

it("J-40 writes none to its output, not even with --debug and -v=3, nor in clear to the state", () => {
  expect(scene.stack.state().get("HostEnrollment w1")?.outputs).toHaveProperty("joinConfiguration");
  expect(run.text).toContain("RegisterResource RPC prepared");
  expect(leaks(run.text)).toEqual([]);
  expect(leaks(textBelow(join(scene.site.folder, "state")))).toEqual([]);
});

it("J-40 leaves no token and no key on the host", async () => {
  for (const secret of [secrets.token, secrets.sshKey, secrets.clientKey]) {
    const places = await scene
      .host(1)
      .run(`grep -rlF '${secret}' /run /etc /var/lib/kubelet /var/lib/nodepools 2> /dev/null || true`);
    expect(places).toBe("");
  }
  expect(await scene.host(1).run("grep -rlF 'node=w1' /var/lib")).toBe("/var/lib/nodepools/owner");
});

it("H4 prints neither key nor kubeconfig at -v=7 where an agent has the key and the kubeconfig is a file", async () => {
  const { stack, site } = scene;
  await using agent = await startSshAgent(site.folder, site.sshKey.privateKeyFile);
  const hosts = [scene.host(1).declare(), scene.host(2).declare()];
  stack.declare([{ name: "workers", hosts }], {
    ssh: { privateKeyFile: undefined, agentSocket: agent.socket },
  });
  const { run: verbose, token } = await upHeld(scene.host(2), async () => {}, "--logtostderr", "-v=7");
  expect(verbose.ok, verbose.text.slice(-2000)).toBe(true);
  expect(stepsOf(verbose)).toContain("create NodeMembership w2");
  // What is printed at this level is printed here.
  expect(verbose.text).toContain("agentSocket");
  expect(token.length).toBe(16);
  expect(leaks(verbose.text)).toEqual([]);
  expect(verbose.text.includes(token)).toBe(false);
});
