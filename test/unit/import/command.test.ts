// `nodepools import` from an inventory, with an SSH server on the loopback that shows its key and lets nobody in.
import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ssh2 from "ssh2";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { main } from "../../../components/import/main.ts";
import { readInventoryFile } from "../../../components/settings/inventory-reader.ts";
import { parseSettings, withInventory } from "../../../components/settings/parse-settings.ts";
import { describeHostKey } from "../../../components/ssh/host-key.ts";
import { environment, hostKey } from "../settings/declared.ts";

let server: ssh2.Server;
let port: number;
let shown: Buffer;
let folder: string;
let printed: string[];
let output: string;

beforeAll(async () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const pem = privateKey.export({ type: "sec1", format: "pem" }).toString();
  const key = ssh2.utils.parseKey(pem);
  if (key instanceof Error) throw key;
  shown = key.getPublicSSH();
  server = new ssh2.Server({ hostKeys: [pem] }, (client) => client.on("error", () => undefined));
  await new Promise<void>((listens) => void server.listen(0, "127.0.0.1", listens));
  port = (server.address() as { port: number }).port;
});
afterAll(() => void server.close());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nodepools-import-"));
  [printed, output] = [[], ""];
  vi.spyOn(console, "error").mockImplementation((line: string) => void printed.push(line));
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    output += String(text);
    return true;
  });
  writeFileSync(
    at("hosts.ini"),
    `[kube_node]\nw1 ansible_host=127.0.0.1\nw2 ansible_host=127.0.0.2\n[all:vars]\nansible_port=${port}\n`,
  );
  writeFileSync(at("known_hosts"), `[127.0.0.2]:${port} ${hostKey}\n`);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const at = (name: string) => join(folder, name);
const out = "Pulumi.prod.yaml";
const run = (...more: readonly string[]) =>
  main(["--cwd", folder, "--inventory", "hosts.ini", "--known-hosts", "known_hosts", ...more]);
const written = (name = out) => readFileSync(at(name), "utf8");

/** Reads a stack's file as the program does. */
function declaredBy(text: string) {
  const { config } = parse(text) as { readonly config: Record<string, unknown> };
  const raw = {
    cluster: config["nodepools:cluster"],
    ssh: config["nodepools:ssh"],
    pools: config["nodepools:pools"],
  };
  const known = readFileSync(at("known_hosts"), "utf8");
  const files = environment({ "./admin.conf": "", known_hosts: known }, "/run/agent");
  return parseSettings(withInventory(raw, readInventoryFile(folder)), files);
}

describe("nodepools import", () => {
  it("shows the keys, and writes what the program takes", async () => {
    expect(await run("--accept-host-keys")).toBe(0);
    expect(printed).toContain(`  w1 127.0.0.1 ${describeHostKey(shown)}`);
    expect(declaredBy(output).value?.pools).toMatchObject([
      {
        name: "workers",
        hosts: [
          {
            name: "w1",
            address: "127.0.0.1",
            port,
            hostKey: `ecdsa-sha2-nistp256 ${shown.toString("base64")}`,
          },
          { name: "w2", address: "127.0.0.2", port, hostKey },
        ],
      },
    ]);
    expect(output).toMatch(/^# Written by `nodepools import`\.\n/);
    expect(output).toContain("        - { name: w1, address: 127.0.0.1, hostKey: ecdsa-");
  });

  it("writes nothing when nobody confirms the keys", async () => {
    expect(await run("--out", out)).toBe(24);
    expect([existsSync(at(out)), output]).toEqual([false, ""]);
    expect(printed.at(-1)).toContain("not confirmed: nothing is written. --accept-host-keys");
  });

  it("says which hosts show no key, and what the program will miss", async () => {
    writeFileSync(at("hosts.ini"), "[kube_node]\nw1 ansible_host=127.0.0.1 ansible_port=1\n");
    expect(await run("--out", out)).toBe(25);
    expect(printed.join("\n")).toMatch(/w1 showed no host key: .*ECONNREFUSED/);
    expect(printed.join("\n")).toContain('pools[0].hosts[0].hostKey (host "w1" of pool "workers"): missing');
    expect(written()).toMatch(/^# w1 showed no host key: /m);
  });

  it("never overwrites by itself; told to, it keeps what is not its own", async () => {
    const former =
      "# ours\nencryptionsalt: v1:abc\nconfig:\n  aws:region: x\n  nodepools:poolsFile: pools.yaml\n";
    writeFileSync(at(out), former);
    expect(await run("--accept-host-keys", "--out", out)).toBe(23);
    expect(printed).toEqual([
      `error: ${JSON.stringify(out)} is there already. Name another file, or give --overwrite.`,
    ]);
    expect(written()).toBe(former);
    expect(await run("--accept-host-keys", "--out", out, "--overwrite")).toBe(0);
    expect(parse(written())).toMatchObject({
      encryptionsalt: "v1:abc",
      config: { "aws:region": "x", "nodepools:pools": [{ name: "workers" }] },
    });
    expect(written()).not.toContain("poolsFile");
  });

  it("writes pools of hundreds into files, since no config holds them", async () => {
    const numbers = Array.from({ length: 250 }, (_, number) => number + 1);
    const labels = (number: number) =>
      JSON.stringify(Object.fromEntries([..."abcdefgh"].map((key) => [key, `${number}-${key.repeat(55)}`])));
    const lines = numbers.map(
      (number) => `w${number} ansible_host=10.0.0.${number} node_labels='${labels(number)}'`,
    );
    writeFileSync(at("hosts.ini"), `[kube_node]\n${lines.join("\n")}\n`);
    writeFileSync(at("known_hosts"), `10.0.0.* ${hostKey}\n`);
    expect(await run("--out", out)).toBe(23);
    expect(printed.at(-1)).toMatch(/"spawn E2BIG"\)\. .* --hosts-folder writes such files\.$/);
    expect(await run("--hosts-folder", "inventory", "--out", out)).toBe(0);
    expect(written()).toContain("hostsFile: inventory/workers.yaml");
    expect(declaredBy(written()).value?.pools[0]?.hosts).toHaveLength(250);
    expect(await run("--hosts-folder", "inventory", "--out", "other.yaml")).toBe(23);
    expect(printed.at(-1)).toContain('"inventory/workers.yaml" is there already');
  });

  it.each([
    [["--frobnicate"], "Unknown option '--frobnicate'"],
    [["--port", "0"], '--port takes a whole number from 1 to 65535, not "0".'],
    [["--address-type", "IP"], '--address-type: "IP" is none of InternalIP, '],
    [["--inventory", "none.ini"], '"none.ini" cannot be read: ENOENT.'],
    [["--inventory", "a", "--pool-label", "b"], "--pool-label is about Nodes of a cluster, "],
    [["--kubeconfig", "none.conf"], "none.conf"],
  ])("refuses %j in one sentence, with a code of its own", async (argv, message) => {
    expect(await main(argv)).toBe(23);
    expect(printed).toEqual([expect.stringContaining(message)]);
  });
});
