// The stand-in for the command plugin: scripts that it runs on a real sshd.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { asSecret, isSecret, UNKNOWN } from "../../lab/stand-ins/properties.ts";
import { startSshd } from "../support/sshd.ts";
import { commandSite, connectionTo } from "./command-site.ts";
import { startCommandPlugin, URN } from "./engine.ts";

const site = commandSite();

describe("create", () => {
  it("runs the create script and keeps its output beside the inputs", async () => {
    const inputs = await site.checked({ create: "echo out; echo err >&2" });
    const { id, state } = await site.plugin.create(inputs);
    expect(state).toEqual({ ...inputs, stdout: "out", stderr: "err" });
    expect(id).toMatch(/^w1-join[0-9a-f]{8}$/);
  });

  it("feeds stdin to the script and ends it", async () => {
    const { state } = await site.plugin.create(
      await site.checked({ create: "cat; echo end", stdin: "zwölf\nlines" }),
    );
    expect(state.stdout).toBe("zwölf\nlinesend");
  });

  it("ends stdin at once when there is none", async () => {
    const { state } = await site.plugin.create(await site.checked({ create: "cat; echo end" }));
    expect(state.stdout).toBe("end");
  });

  it("does nothing without a create script", async () => {
    const { state } = await site.plugin.create(await site.checked({}, { port: 1 }));
    expect([state.stdout, state.stderr]).toEqual(["", ""]);
  });

  it("does not connect at preview and leaves the output unknown", async () => {
    const inputs = await site.checked({ create: "true" }, { port: 1 });
    const { state } = await site.plugin.create(inputs, true);
    expect(state).toEqual({ ...inputs, stdout: UNKNOWN, stderr: UNKNOWN });
    expect(site.plugin.lines).toEqual([]);
  });

  it("fails with exit code, script and both outputs when the script fails", async () => {
    const script = 'echo "one"; echo two >&2; exit 3';
    await expect(site.plugin.create(await site.checked({ create: script }))).rejects.toThrow(
      `Process exited with status 3: running ${JSON.stringify(script)}:\none\ntwo\n`,
    );
  });

  it("names the signal that ended the script", async () => {
    await expect(site.plugin.create(await site.checked({ create: "kill -TERM $$" }))).rejects.toThrow(
      "Process exited with status 143 from signal TERM",
    );
  });

  it("fails when the connection breaks while the script runs", async () => {
    const inputs = await site.checked({ create: "kill -KILL $PPID; sleep 5" });
    await expect(site.plugin.create(inputs)).rejects.toThrow(
      "wait: remote command exited without exit status or exit signal",
    );
  });

  it("keeps connection and stdin secret in its reply", async () => {
    const { state } = await site.plugin.create(
      await site.checked({ create: "cat", stdin: asSecret("token") }),
    );
    expect(isSecret(state.connection)).toBe(true);
    expect(state.stdin).toEqual(asSecret("token"));
    expect(state.stdout).toBe("token");
  });
});

describe("update", () => {
  it("runs the update script", async () => {
    const inputs = await site.checked({ create: "echo created", update: "echo updated" });
    const state = { ...inputs, stdout: "created", stderr: "" };
    expect((await site.plugin.update(state, inputs)).stdout).toBe("updated");
  });

  it("runs the create script again when there is no update script", async () => {
    const inputs = await site.checked({ create: "echo created again" });
    const state = { ...inputs, stdout: "created", stderr: "" };
    expect((await site.plugin.update(state, inputs)).stdout).toBe("created again");
  });

  it("does not connect at preview and leaves the output unknown", async () => {
    const inputs = await site.checked({ create: "echo new" }, { port: 1 });
    const state = { ...inputs, create: "echo old", stdout: "old", stderr: "" };
    expect(await site.plugin.update(state, inputs, true)).toEqual({
      ...inputs,
      stdout: UNKNOWN,
      stderr: UNKNOWN,
    });
  });
});

describe("delete", () => {
  it("runs the delete script over the connection in state", async () => {
    const mark = join(site.sshd.folder, "deleted");
    const inputs = await site.checked({ delete: `echo gone > ${mark}` });
    await site.plugin.remove({ ...inputs, stdout: "", stderr: "" });
    expect(readFileSync(mark, "utf8")).toBe("gone\n");
  });

  it("does not connect without a delete script", async () => {
    const inputs = await site.checked({ create: "true" }, { port: 1 });
    await site.plugin.remove({ ...inputs, stdout: "", stderr: "" });
    expect(site.plugin.lines).toEqual([]);
  });

  it("fails when the delete script fails", async () => {
    const inputs = await site.checked({ delete: "exit 5" });
    await expect(site.plugin.remove({ ...inputs, stdout: "", stderr: "" })).rejects.toThrow(
      "Process exited with status 5",
    );
  });
});

describe("environment", () => {
  it("sets what the server accepts", async () => {
    const inputs = await site.checked({ create: 'echo "$LAB_A"', environment: { LAB_A: "it's\ntwo" } });
    expect((await site.plugin.create(inputs)).state.stdout).toBe("it's\ntwo");
  });

  it("fails before the script runs when the server refuses a variable", async () => {
    const mark = join(site.sshd.folder, "refused");
    const inputs = await site.checked({ create: `touch ${mark}`, environment: { SECRET_B: "hush" } });
    await expect(site.plugin.create(inputs)).rejects.toThrow(
      'could not set environment variable "SECRET_B": ssh: setenv failed',
    );
    expect(existsSync(mark)).toBe(false);
    expect(site.plugin.lines.map(({ severity, ephemeral }) => ({ severity, ephemeral }))).toEqual([
      { severity: 3, ephemeral: false },
    ]);
  });

  it("warns and goes on when the server refuses the previous output", async () => {
    const inputs = await site.checked({ create: "true", update: "echo done", addPreviousOutputInEnv: true });
    const next = await site.plugin.update({ ...inputs, stdout: "before", stderr: "" }, inputs);
    expect(next.stdout).toBe("done");
    const warnings = site.plugin.lines.filter(({ severity }) => severity === 2).map(({ message }) => message);
    expect(warnings).toEqual([expect.stringMatching(/^Unable to set 'PULUMI_COMMAND_STDOUT'\. /)]);
  });

  it("hands the previous output to a script when the server accepts it", async () => {
    await using open = await startSshd({ settings: ["AcceptEnv PULUMI_COMMAND_*"] });
    const script = 'echo "$PULUMI_COMMAND_STDOUT/$PULUMI_COMMAND_STDERR"';
    const inputs = await site.checked({ create: script, addPreviousOutputInEnv: true }, connectionTo(open));
    expect((await site.plugin.update({ ...inputs, stdout: "a", stderr: "b" }, inputs)).stdout).toBe("a/b");
  });
});

describe("logging", () => {
  const script = "echo one; echo no >&2; sleep 0.2; printf rest";

  it("shows both outputs line by line on the resource's row", async () => {
    await site.plugin.create(await site.checked({ create: script }));
    expect(site.statusLines().toSorted()).toEqual(["no", "one", "rest"]);
    expect(new Set(site.plugin.lines.map(({ urn }) => urn))).toEqual(new Set([URN]));
  });

  it("shows only the output that was asked for", async () => {
    await site.plugin.create(await site.checked({ create: script, logging: "stderr" }));
    expect(site.statusLines()).toEqual(["no"]);
  });

  it("D7 waits for ever after a line of 64 KiB that it is to show", async () => {
    const plugin = await startCommandPlugin();
    onTestFinished(plugin.stop);
    const line = (bytes: number) => `head -c ${bytes} /dev/zero | tr '\\0' x; echo`;
    const run = async (bytes: number, logging: string) =>
      plugin.create(await site.checked({ create: line(bytes), logging })).then(
        () => "ended",
        () => "failed",
      );
    expect([await run(65_000, "stdout"), await run(70_000, "none")]).toEqual(["ended", "ended"]);
    expect(await Promise.race([run(70_000, "stdout"), pause(1500, "hangs")])).toBe("hangs");
  });

  it("shows nothing with none, and keeps the output", async () => {
    const { state } = await site.plugin.create(await site.checked({ create: script, logging: "none" }));
    expect(site.plugin.lines).toEqual([]);
    expect([state.stdout, state.stderr]).toEqual(["one\nrest", "no"]);
  });
});
