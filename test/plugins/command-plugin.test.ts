// The stand-in for the command plugin, driven over gRPC against a real sshd.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { asSecret, isSecret, type Properties, UNKNOWN } from "../../lab/pulumi-plugins/command/properties.ts";
import { type CommandPlugin, startCommandPlugin, URN } from "./engine.ts";
import { prepareSshSite, type SshSite } from "./sshd.ts";

let plugin: CommandPlugin;
let site: SshSite;
let stopSshd: () => Promise<void>;

beforeAll(async () => {
  site = await prepareSshSite("AcceptEnv LAB_*");
  [plugin, stopSshd] = await Promise.all([startCommandPlugin(), site.start()]);
});

afterAll(async () => {
  await Promise.all([plugin.stop(), stopSshd()]);
  site.remove();
});

beforeEach(() => {
  plugin.lines.length = 0;
});

/** Inputs as check leaves them, for a command on the site's sshd. */
async function checked(inputs: Properties, connection: Properties = {}): Promise<Properties> {
  const { port, privateKey, hostKey } = site;
  const reply = await plugin.check({
    connection: { host: "127.0.0.1", port, privateKey, hostKey, dialErrorLimit: 0, ...connection },
    addPreviousOutputInEnv: false,
    ...inputs,
  });
  expect(reply.failures).toEqual([]);
  return reply.inputs;
}

const statusLines = () => plugin.lines.filter(({ ephemeral }) => ephemeral).map(({ message }) => message);

describe("check", () => {
  it("fills in the defaults and makes the whole connection a secret", async () => {
    const { inputs } = await plugin.check({
      connection: { host: "w1", proxy: { host: "b" } },
      create: "true",
    });
    expect(inputs).toEqual({
      create: "true",
      addPreviousOutputInEnv: true,
      connection: asSecret({
        host: "w1",
        user: "root",
        port: 22,
        dialErrorLimit: 10,
        perDialTimeout: 15,
        proxy: { host: "b", user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 },
      }),
    });
  });

  it("names each unusable input by its path", async () => {
    const { failures } = await plugin.check({ connection: { port: 22 }, create: 3, logging: "both" });
    expect(failures.map(({ property }) => property)).toEqual(["connection.host", "create", "logging"]);
  });

  it("accepts what is not known yet", async () => {
    const { failures } = await plugin.check({
      connection: asSecret({ host: UNKNOWN, port: UNKNOWN }),
      create: UNKNOWN,
      triggers: [UNKNOWN],
    });
    expect(failures).toEqual([]);
  });
});

describe("create", () => {
  it("runs the create script and keeps its output beside the inputs", async () => {
    const inputs = await checked({ create: "echo out; echo err >&2" });
    const { id, state } = await plugin.create(inputs);
    expect(state).toEqual({ ...inputs, stdout: "out", stderr: "err" });
    expect(id).toMatch(/^w1-join[0-9a-f]{8}$/);
  });

  it("feeds stdin to the script and ends it", async () => {
    const { state } = await plugin.create(await checked({ create: "cat; echo end", stdin: "zwölf\nlines" }));
    expect(state.stdout).toBe("zwölf\nlinesend");
  });

  it("ends stdin at once when there is none", async () => {
    const { state } = await plugin.create(await checked({ create: "cat; echo end" }));
    expect(state.stdout).toBe("end");
  });

  it("does nothing without a create script", async () => {
    const { state } = await plugin.create(await checked({}, { port: 1 }));
    expect([state.stdout, state.stderr]).toEqual(["", ""]);
  });

  it("does not connect at preview and leaves the output unknown", async () => {
    const inputs = await checked({ create: "true" }, { port: 1 });
    const { state } = await plugin.create(inputs, true);
    expect(state).toEqual({ ...inputs, stdout: UNKNOWN, stderr: UNKNOWN });
    expect(plugin.lines).toEqual([]);
  });

  it("fails with exit code, script and both outputs when the script fails", async () => {
    const script = 'echo "one"; echo two >&2; exit 3';
    await expect(plugin.create(await checked({ create: script }))).rejects.toThrow(
      `Process exited with status 3: running ${JSON.stringify(script)}:\none\ntwo\n`,
    );
  });

  it("names the signal that ended the script", async () => {
    await expect(plugin.create(await checked({ create: "kill -TERM $$" }))).rejects.toThrow(
      "Process exited with status 143 from signal TERM",
    );
  });

  it("fails when the connection breaks while the script runs", async () => {
    const inputs = await checked({ create: "kill -KILL $PPID; sleep 5" });
    await expect(plugin.create(inputs)).rejects.toThrow(
      "wait: remote command exited without exit status or exit signal",
    );
  });

  it("keeps connection and stdin secret in its reply", async () => {
    const { state } = await plugin.create(await checked({ create: "cat", stdin: asSecret("token") }));
    expect(isSecret(state.connection)).toBe(true);
    expect(state.stdin).toEqual(asSecret("token"));
    expect(state.stdout).toBe("token");
  });
});

describe("update", () => {
  it("runs the update script", async () => {
    const inputs = await checked({ create: "echo created", update: "echo updated" });
    const state = { ...inputs, stdout: "created", stderr: "" };
    expect((await plugin.update(state, inputs)).stdout).toBe("updated");
  });

  it("runs the create script again when there is no update script", async () => {
    const inputs = await checked({ create: "echo created again" });
    const state = { ...inputs, stdout: "created", stderr: "" };
    expect((await plugin.update(state, inputs)).stdout).toBe("created again");
  });

  it("does not connect at preview and leaves the output unknown", async () => {
    const inputs = await checked({ create: "echo new" }, { port: 1 });
    const state = { ...inputs, create: "echo old", stdout: "old", stderr: "" };
    expect(await plugin.update(state, inputs, true)).toEqual({ ...inputs, stdout: UNKNOWN, stderr: UNKNOWN });
  });
});

describe("delete", () => {
  it("runs the delete script over the connection in state", async () => {
    const mark = join(site.folder, "deleted");
    const inputs = await checked({ delete: `echo gone > ${mark}` });
    await plugin.remove({ ...inputs, stdout: "", stderr: "" });
    expect(readFileSync(mark, "utf8")).toBe("gone\n");
  });

  it("does not connect without a delete script", async () => {
    const inputs = await checked({ create: "true" }, { port: 1 });
    await plugin.remove({ ...inputs, stdout: "", stderr: "" });
    expect(plugin.lines).toEqual([]);
  });

  it("fails when the delete script fails", async () => {
    const inputs = await checked({ delete: "exit 5" });
    await expect(plugin.remove({ ...inputs, stdout: "", stderr: "" })).rejects.toThrow(
      "Process exited with status 5",
    );
  });
});

describe("diff", () => {
  const stateOf = (inputs: Properties) => ({ ...inputs, stdout: "x", stderr: "y" });

  it("reports nothing when nothing changed", async () => {
    const inputs = await checked({ create: "true", triggers: [1, { a: "b" }], stdin: asSecret("s") });
    expect(await plugin.diff(stateOf(inputs), inputs)).toEqual({
      changes: "DIFF_NONE",
      replaces: [],
      detail: {},
    });
  });

  it("replaces for changed triggers only", async () => {
    const inputs = await checked({ create: "true", triggers: ["a"] });
    expect(await plugin.diff(stateOf(inputs), { ...inputs, triggers: ["b", "c"] })).toEqual({
      changes: "DIFF_SOME",
      replaces: ["triggers[0]", "triggers[1]"],
      detail: { "triggers[0]": "UPDATE_REPLACE", "triggers[1]": "ADD_REPLACE" },
    });
  });

  it("updates for any other input, and shows a secret only as a whole", async () => {
    const inputs = await checked({ create: "true", update: "true", environment: { A: "1" } });
    const moved = await checked({ create: "false", delete: "true", environment: { A: "2" } }, { host: "w2" });
    expect(await plugin.diff(stateOf(inputs), moved)).toEqual({
      changes: "DIFF_SOME",
      replaces: [],
      detail: {
        connection: "UPDATE",
        create: "UPDATE",
        update: "DELETE",
        delete: "ADD",
        "environment.A": "UPDATE",
      },
    });
  });

  it("replaces for a trigger that is not known yet", async () => {
    const inputs = await checked({ create: "true", triggers: ["a"] });
    const { replaces } = await plugin.diff(stateOf(inputs), { ...inputs, triggers: [UNKNOWN] });
    expect(replaces).toEqual(["triggers[0]"]);
  });
});

describe("connection", () => {
  it("refuses a server with another host key before the script runs", async () => {
    const other = await prepareSshSite();
    onTestFinished(() => other.remove());
    const mark = join(site.folder, "wrong-host");
    const inputs = await checked({ create: `touch ${mark}` }, { hostKey: other.hostKey });
    await expect(plugin.create(inputs)).rejects.toThrow(
      `after 0 failed attempts: dial tcp 127.0.0.1:${site.port}: Host denied (verification failed)`,
    );
    expect(existsSync(mark)).toBe(false);
  });

  it("connects without a check when no host key is given", async () => {
    const inputs = await checked({ create: "echo in" }, { hostKey: null });
    expect((await plugin.create(inputs)).state.stdout).toBe("in");
  });

  it("refuses an unreadable private key at once and does not show it", async () => {
    const inputs = await checked({ create: "true" }, { privateKey: "not a key", dialErrorLimit: 10 });
    await expect(plugin.create(inputs)).rejects.toThrow(
      'reading privateKey for "127.0.0.1": Unsupported key format. Give the contents of a key file.',
    );
    expect(plugin.lines).toEqual([]);
  });

  it("dials again until sshd is up, and shows each failed attempt on the resource's row", async () => {
    const late = await prepareSshSite();
    onTestFinished(() => late.remove());
    const { port, privateKey, hostKey } = late;
    const inputs = await checked({ create: "echo up" }, { port, privateKey, hostKey, dialErrorLimit: -1 });
    const creation = plugin.create(inputs);
    await pause(500);
    const stop = await late.start();
    onTestFinished(stop);
    expect((await creation).state.stdout).toBe("up");
    const [first] = plugin.lines;
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
      await checked({ create: "true" }, { port: 1, dialErrorLimit: 2 }),
    ];
    await expect(plugin.create(inputs)).rejects.toThrow(
      /^after 2 failed attempts: dial tcp 127\.0\.0\.1:1: /,
    );
    expect(statusLines()).toEqual(["Dial 1/2 failed: retrying", "Dial 2/2 failed: retrying"]);
    expect(performance.now() - before).toBeGreaterThan(240);
  });
});

describe("bastion", () => {
  const command = { create: "echo through" };

  async function startBastion(...settings: string[]): Promise<Properties> {
    const bastion = await prepareSshSite(...settings);
    const stop = await bastion.start();
    onTestFinished(async () => {
      await stop();
      bastion.remove();
    });
    const { port, privateKey, hostKey } = bastion;
    return { host: "127.0.0.1", port, privateKey, hostKey, dialErrorLimit: 0 };
  }

  it("carries the connection, with its own key and host key", async () => {
    const inputs = await checked(command, { proxy: await startBastion() });
    expect((await plugin.create(inputs)).state.stdout).toBe("through");
  });

  it("is not gone around when it refuses to carry the connection", async () => {
    const inputs = await checked(command, { proxy: await startBastion("AllowTcpForwarding no") });
    await expect(plugin.create(inputs)).rejects.toThrow(
      "proxy: after 0 failed attempts: (SSH) Channel open failure: open failed",
    );
  });

  it("is named in the error when it cannot be reached", async () => {
    const proxy = { host: "127.0.0.1", port: 1, privateKey: site.privateKey, dialErrorLimit: 0 };
    await expect(plugin.create(await checked(command, { proxy }))).rejects.toThrow(
      /^proxy: after 0 failed attempts: dial tcp 127\.0\.0\.1:1: /,
    );
  });
});

describe("environment", () => {
  it("sets what the server accepts", async () => {
    const inputs = await checked({ create: 'echo "$LAB_A"', environment: { LAB_A: "it's\ntwo" } });
    expect((await plugin.create(inputs)).state.stdout).toBe("it's\ntwo");
  });

  it("fails before the script runs when the server refuses a variable", async () => {
    const mark = join(site.folder, "refused");
    const inputs = await checked({ create: `touch ${mark}`, environment: { SECRET_B: "hush" } });
    await expect(plugin.create(inputs)).rejects.toThrow(
      'could not set environment variable "SECRET_B": ssh: setenv failed',
    );
    expect(existsSync(mark)).toBe(false);
    expect(plugin.lines.map(({ severity, ephemeral }) => ({ severity, ephemeral }))).toEqual([
      { severity: 3, ephemeral: false },
    ]);
  });

  it("warns and goes on when the server refuses the previous output", async () => {
    const inputs = await checked({ create: "true", update: "echo done", addPreviousOutputInEnv: true });
    const next = await plugin.update({ ...inputs, stdout: "before", stderr: "" }, inputs);
    expect(next.stdout).toBe("done");
    const warnings = plugin.lines.filter(({ severity }) => severity === 2).map(({ message }) => message);
    expect(warnings).toEqual([expect.stringMatching(/^Unable to set 'PULUMI_COMMAND_STDOUT'\. /)]);
  });

  it("hands the previous output to a script when the server accepts it", async () => {
    const open = await prepareSshSite("AcceptEnv PULUMI_COMMAND_*");
    const stop = await open.start();
    onTestFinished(async () => {
      await stop();
      open.remove();
    });
    const { port, privateKey, hostKey } = open;
    const script = 'echo "$PULUMI_COMMAND_STDOUT/$PULUMI_COMMAND_STDERR"';
    const inputs = await checked(
      { create: script, addPreviousOutputInEnv: true },
      { port, privateKey, hostKey },
    );
    expect((await plugin.update({ ...inputs, stdout: "a", stderr: "b" }, inputs)).stdout).toBe("a/b");
  });
});

describe("logging", () => {
  const script = "echo one; echo no >&2; sleep 0.2; printf rest";

  it("shows both outputs line by line on the resource's row", async () => {
    await plugin.create(await checked({ create: script }));
    expect(statusLines().toSorted()).toEqual(["no", "one", "rest"]);
    expect(new Set(plugin.lines.map(({ urn }) => urn))).toEqual(new Set([URN]));
  });

  it("shows only the output that was asked for", async () => {
    await plugin.create(await checked({ create: script, logging: "stderr" }));
    expect(statusLines()).toEqual(["no"]);
  });

  it("shows nothing with none, and keeps the output", async () => {
    const { state } = await plugin.create(await checked({ create: script, logging: "none" }));
    expect(plugin.lines).toEqual([]);
    expect([state.stdout, state.stderr]).toEqual(["one\nrest", "no"]);
  });
});

describe("read", () => {
  it("returns state and inputs as they are, without a connection", async () => {
    const inputs = await checked({ create: "true" }, { port: 1 });
    const state = { ...inputs, stdout: "x", stderr: "" };
    expect(await plugin.read(state, inputs)).toEqual({ state, inputs });
  });
});

describe("cancel", () => {
  it("ends an endless dial", async () => {
    const inputs = await checked({ create: "true" }, { port: 1, dialErrorLimit: -1 });
    const creation = plugin.create(inputs);
    const refused = expect(creation).rejects.toThrow("cancelled");
    await pause(300);
    await plugin.cancel();
    await refused;
  });
});
