// Where the secrets of a join are not: process lists, environments, output, state, config and the files of the host.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runInLab, ssh } from "../../lab/lab.ts";
import type { LabStack, PulumiRun } from "../../lab/stack.ts";
import { type ProcessWatch, watchProcesses } from "../support/process-watch.ts";
import { succeeds } from "../support/pulumi-run.ts";
import {
  createStack,
  eventually,
  host,
  kubectl,
  lab,
  mintedTokens,
  onHost,
  readyNodes,
} from "../support/test-lab.ts";

const tokenShape = /(?<![a-z0-9])[a-z0-9]{6}\.[a-z0-9]{16}(?![a-z0-9])/g;

/** Shown on purpose, so that a search that finds nothing proves something. */
const shownArgument = "decoy1.aaaaaaaaaaaaaaaa";
const shownVariable = "decoy2.bbbbbbbbbbbbbbbb";

/** A piece of a private key's text that is in no public key. */
function bodyOf(key: string): string {
  const [, , line = ""] = key.split("\n").filter((text) => !text.startsWith("-----"));
  return line;
}

/** Returns the secret half of the token that the program has minted; undefined when there is none. */
async function tokenSecret(): Promise<string | undefined> {
  const [name] = await mintedTokens();
  if (name === undefined) return undefined;
  const path = "jsonpath={.data.token-secret}";
  const data = await kubectl("get", "secret", "-n", "kube-system", name, "--ignore-not-found", "-o", path);
  return data === "" ? undefined : Buffer.from(data, "base64").toString();
}

/** Reads all files below a folder as one text. */
function textBelow(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files.map((file) => readFileSync(join(file.parentPath, file.name), "latin1")).join("\n");
}

/** Lists where on a host a text is: in files that outlive a join, or in the journal. */
async function placesOnHost(name: string, text: string): Promise<string> {
  const script = `cat > /dev/shm/wanted
    grep -rlFf /dev/shm/wanted /run /tmp /var/tmp /var/log /etc /root /var/lib/kubelet /var/lib/nodepools 2> /dev/null
    journalctl --no-pager -o cat | grep -Ff /dev/shm/wanted
    rm /dev/shm/wanted`;
  return (await ssh(lab, name, script, { stdin: `${text}\n` })).stdout;
}

const clientKey = /client-key-data: (\S+)/;

describe("the secrets of a join", () => {
  let stack: LabStack;
  let run: PulumiRun;
  let seen: Pick<ProcessWatch, "commandLines" | "hostEnvironments">;
  let secrets: Record<"token" | "sshKey" | "clientKey" | "encodedClientKey", string>;

  beforeAll(async () => {
    stack = await createStack("secrets");
    stack.declare([{ name: "workers", hosts: [host(1)] }], { cluster: { kubeconfig: undefined } });
    const kubeconfig = readFileSync(lab.adminKubeconfig, "utf8");
    const setting = [
      "nodepools:cluster.kubeconfig",
      "--stack",
      stack.name,
      "--config-file",
      stack.configFile,
    ];
    const set = await runInLab(lab, ["pulumi", "config", "set", "--secret", "--path", ...setting], {
      cwd: join(import.meta.dirname, "../.."),
      stdin: kubeconfig,
    });
    expect(set.status, set.stderr).toBe(0);
    let token: string | undefined;
    using watch = watchProcesses(lab);
    const decoy = onHost("w1", `SHOWN=${shownVariable} sh -c 'sleep 10; : ${shownArgument}'`);
    const up = stack.up("--debug", "--logtostderr", "-v=3");
    await eventually("a bootstrap token", 60, async () => {
      token = await tokenSecret();
      return token !== undefined;
    });
    [run] = await Promise.all([up, decoy]);
    seen = watch;
    const encodedClientKey = clientKey.exec(kubeconfig)?.[1] ?? "";
    secrets = {
      token: token ?? "",
      sshKey: bodyOf(readFileSync(lab.sshKey, "utf8")),
      clientKey: bodyOf(Buffer.from(encodedClientKey, "base64").toString()),
      encodedClientKey: encodedClientKey.slice(0, 200),
    };
    for (const secret of Object.values(secrets)) expect(secret.length).toBeGreaterThanOrEqual(16);
  });

  afterAll(async () => {
    await succeeds(stack.destroy());
  });

  /** Names the secrets that a text gives away. */
  function leaks(text: string): string[] {
    return Object.entries(secrets).flatMap(([name, secret]) => (text.includes(secret) ? [name] : []));
  }

  it("J-40 joins with a kubeconfig given as a secret text, which the config file holds encrypted", async () => {
    expect(run.ok, run.text).toBe(true);
    expect(await readyNodes()).toEqual(["w1"]);
    expect(readFileSync(stack.configFile, "utf8")).toMatch(/kubeconfig:\s+secure: v1:/);
    expect(leaks(readFileSync(stack.configFile, "utf8"))).toEqual([]);
  });

  it("J-40 shows no token and no key on any command line", () => {
    const text = [...seen.commandLines].join("\n");
    expect(text).toMatch(/kubeadm join --config \/run\/nodepools-join\.\w+\/join\.yaml/);
    expect([...new Set(text.match(tokenShape))].sort()).toEqual([shownArgument, shownVariable]);
    expect(leaks(text)).toEqual([]);
  });

  it("J-40 shows no token and no key in the environment of any process on a host", () => {
    const text = [...seen.hostEnvironments].join("\n");
    expect([...new Set(text.match(tokenShape))]).toEqual([shownVariable]);
    expect(leaks(text)).toEqual([]);
  });

  it("J-40 writes none to its output, not even with --debug and -v=3, nor in clear to the state", async () => {
    const state = await succeeds(stack.run(["stack", "export", "--stack", stack.name]));
    expect(state.text).toContain("joinConfiguration");
    expect(run.text).toContain("RegisterResource RPC prepared");
    expect(leaks(run.text)).toEqual([]);
    expect(leaks(state.text)).toEqual([]);
    expect(leaks(textBelow(lab.pulumiState))).toEqual([]);
  });

  it("J-40 leaves no token and no key on the host or in its journal", async () => {
    for (const secret of [secrets.token, secrets.sshKey, secrets.clientKey]) {
      expect(await placesOnHost("w1", secret)).toBe("");
    }
    expect(await placesOnHost("w1", "Started kubelet")).toMatch(/Started kubelet/);
  });
});
