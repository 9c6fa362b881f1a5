// The stand-in for the command plugin: how it reaches real sshds and logs in to them.
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Properties } from "../../lab/stand-ins/properties.ts";
import { newKey, prepareSshSite, startSshd } from "../support/sshd.ts";
import { commandSite, connectionTo } from "./command-site.ts";
import { startAttachablePlugin, startCommandPlugin, URN } from "./engine.ts";

const site = commandSite();

describe("connection", () => {
  it("refuses a server with another host key before the script runs", async () => {
    const mark = join(site.sshd.folder, "wrong-host");
    const hostKey = newKey(site.sshd.folder, "other", "ed25519");
    const inputs = await site.checked({ create: `touch ${mark}` }, { hostKey });
    await expect(site.plugin.create(inputs)).rejects.toThrow(
      `after 0 failed attempts: dial tcp 127.0.0.1:${site.sshd.host.port}: Host denied (verification failed)`,
    );
    expect(existsSync(mark)).toBe(false);
  });

  it("asks for exactly the pinned type: an RSA key, for which it wants SHA-1, is refused by every sshd", async () => {
    await using sshd = await startSshd({ hostKeyType: "rsa" });
    const inputs = await site.checked({ create: "true" }, connectionTo(sshd));
    await expect(site.plugin.create(inputs)).rejects.toThrow(
      "ssh: no common algorithm for host key; we offered: [ssh-rsa]",
    );
  });

  it("fails before it dials where the agent does not answer, although there is a key", async () => {
    const agentSocketPath = join(site.sshd.folder, "gone.sock");
    const inputs = await site.checked({ create: "true" }, { agentSocketPath, dialErrorLimit: 10 });
    await expect(site.plugin.create(inputs)).rejects.toThrow(
      `dial unix ${agentSocketPath}: connect: no such file or directory`,
    );
    expect(site.plugin.lines).toEqual([]);
  });

  it("waits longer than perDialTimeout for a server that accepts the connection and is silent", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    const accepted = once(silent, "connection") as Promise<[Socket]>;
    await once(silent, "listening");
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const inputs = await site.checked({ create: "true" }, { port, perDialTimeout: 1 });
    const creation = site.plugin.create(inputs).catch((error: Error) => error.message);
    const [socket] = await accepted;
    expect(await Promise.race([creation, pause(2000, "still waiting")])).toBe("still waiting");
    socket.destroy();
    expect(await creation).toContain(`after 0 failed attempts: dial tcp 127.0.0.1:${port}: `);
  });

  it("connects without a check when no host key is given", async () => {
    const inputs = await site.checked({ create: "echo in" }, { hostKey: null });
    expect((await site.plugin.create(inputs)).state.stdout).toBe("in");
  });

  it("refuses an unreadable private key at once and does not show it", async () => {
    const inputs = await site.checked({ create: "true" }, { privateKey: "not a key", dialErrorLimit: 10 });
    await expect(site.plugin.create(inputs)).rejects.toThrow(
      'reading privateKey for "127.0.0.1": Unsupported key format. Give the contents of a key file.',
    );
    expect(site.plugin.lines).toEqual([]);
  });

  it("dials again until sshd is up, and shows each failed attempt on the resource's row", async () => {
    const late = await prepareSshSite();
    onTestFinished(() => late.remove());
    const inputs = await site.checked({ create: "echo up" }, { ...connectionTo(late), dialErrorLimit: -1 });
    const creation = site.plugin.create(inputs);
    await pause(500);
    const stop = await late.start();
    onTestFinished(stop);
    expect((await creation).state.stdout).toBe("up");
    const [first] = site.plugin.lines;
    expect(first).toEqual({
      urn: URN,
      severity: 1,
      message: "Dial 1/inf failed: retrying",
      streamid: 0,
      ephemeral: true,
    });
  });

  it("gives up after one attempt more than the limit", async () => {
    const [before, inputs] = [
      performance.now(),
      await site.checked({ create: "true" }, { port: 1, dialErrorLimit: 2 }),
    ];
    await expect(site.plugin.create(inputs)).rejects.toThrow(
      /^after 2 failed attempts: dial tcp 127\.0\.0\.1:1: /,
    );
    expect(site.statusLines()).toEqual(["Dial 1/2 failed: retrying", "Dial 2/2 failed: retrying"]);
    expect(performance.now() - before).toBeGreaterThan(240);
  });
});

describe("bastion", () => {
  const command = { create: "echo through" };

  async function startBastion(...settings: string[]): Promise<Properties> {
    const bastion = await startSshd({ settings });
    onTestFinished(() => bastion[Symbol.asyncDispose]());
    return { ...connectionTo(bastion), dialErrorLimit: 0 };
  }

  it("carries the connection, with its own key and host key", async () => {
    const inputs = await site.checked(command, { proxy: await startBastion() });
    expect((await site.plugin.create(inputs)).state.stdout).toBe("through");
  });

  it("is not gone around when it refuses to carry the connection", async () => {
    const inputs = await site.checked(command, { proxy: await startBastion("AllowTcpForwarding no") });
    await expect(site.plugin.create(inputs)).rejects.toThrow(
      "proxy: after 0 failed attempts: (SSH) Channel open failure: open failed",
    );
  });

  it("with another host key is refused, and carries nothing", async () => {
    const mark = join(site.sshd.folder, "wrong-bastion");
    const hostKey = newKey(site.sshd.folder, "other-bastion", "ed25519");
    const proxy = { ...(await startBastion()), hostKey };
    await expect(
      site.plugin.create(await site.checked({ create: `touch ${mark}` }, { proxy })),
    ).rejects.toThrow("Host denied (verification failed)");
    expect(existsSync(mark)).toBe(false);
  });

  it("D8 hides that the host has another key behind the tries that follow on the same stream", async () => {
    const hostKey = newKey(site.sshd.folder, "other-host", "ed25519");
    const behind = async (dialErrorLimit: number) =>
      site.plugin.create(
        await site.checked(command, { hostKey, dialErrorLimit, proxy: await startBastion() }),
      );
    await expect(behind(0)).rejects.toThrow(
      `proxy: after 0 failed attempts: dial tcp 127.0.0.1:${site.sshd.host.port}: Host denied (verification failed)`,
    );
    await expect(behind(1)).rejects.toThrow("proxy: after 1 failed attempts: ssh: handshake failed: EOF");
  });

  it("is named in the error when it cannot be reached", async () => {
    const proxy = {
      host: "127.0.0.1",
      port: 1,
      privateKey: site.sshd.credentials.privateKey,
      dialErrorLimit: 0,
    };
    await expect(site.plugin.create(await site.checked(command, { proxy }))).rejects.toThrow(
      /^proxy: after 0 failed attempts: dial tcp 127\.0\.0\.1:1: /,
    );
  });
});

describe("cancel", () => {
  it("ends an endless dial", async () => {
    const inputs = await site.checked({ create: "true" }, { port: 1, dialErrorLimit: -1 });
    const plugin = await startCommandPlugin();
    onTestFinished(plugin.stop);
    const refused = expect(plugin.create(inputs)).rejects.toThrow("cancelled");
    await pause(300);
    await plugin.cancel();
    await refused;
  });

  it("of an engine that has attached leaves what another one began, and each has its own log", async () => {
    const inputs = await site.checked({ create: "true" }, { port: 1, dialErrorLimit: -1 });
    const plugin = await startAttachablePlugin();
    onTestFinished(plugin.stop);
    const [one, other] = [await plugin.attach(), await plugin.attach()];
    const began = [one, other].map(({ create }) => expect(create(inputs)).rejects.toThrow("cancelled"));
    const isHeard = ({ lines }: typeof one, least: number) =>
      expect.poll(() => lines.length, { timeout: 30_000 }).toBeGreaterThan(least);
    await Promise.all([isHeard(one, 0), isHeard(other, 0)]);
    await one.cancel();
    await began[0];
    const heard = one.lines.length;
    await isHeard(other, other.lines.length);
    expect(one.lines.length).toBe(heard);
    await other.cancel();
    await began[1];
  });
});
