// SSH sessions against a real sshd: who is trusted, what each failure says, what a script gets and gives.
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HostAddress } from "../../../components/model/host.ts";
import { openSession } from "../../../components/ssh/session.ts";
import { newKey, type Sshd, secondRoot, startSshd, unprivilegedUser } from "../../support/sshd.ts";
import { failure } from "./failure.ts";
import { startRelay } from "./relay.ts";

let sshd: Sshd;

beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd[Symbol.asyncDispose]());

async function runOnce(script: string, stdin = "", host: HostAddress = sshd.host) {
  await using session = await openSession(host, sshd.credentials);
  return await session.run(script, { task: "probe", stdin, timeoutSeconds: 20 });
}

function relay(decide: (count: number) => "forward" | "drop" | "mute") {
  return startRelay(sshd.host, decide);
}

describe("a script", () => {
  it("gets its stdin and gives stdout and stderr", async () => {
    const result = await runOnce("cat; echo oops >&2", "line one\nline 'two'\n");
    expect(result).toEqual({ stdout: "line one\nline 'two'\n", stderr: "oops\n" });
  });

  it("runs as written, whatever characters it has", async () => {
    const { stdout } = await runOnce(`printf '%s|' "a'b" '$HOME' "\`echo c\`" "é"\n# it's a comment`);
    expect(stdout).toBe("a'b|$HOME|c|é|");
  });

  it("may leave a large stdin unread", async () => {
    const { stdout } = await runOnce("echo done", "x".repeat(4_000_000));
    expect(stdout).toBe("done\n");
  });

  it("that fails is reported with task, exit status and last stderr lines, and without its stdin", async () => {
    const script = "cat > /dev/null; for i in 1 2 3; do echo line $i >&2; done; exit 77";
    const error = await failure(runOnce(script, "the-secret"));
    expect(error.kind).toBe("script");
    expect(error.exitCode).toBe(77);
    expect(error.message).toBe(
      `probe on host "root@127.0.0.1:${sshd.host.port}": exit status 77: line 1\n  | line 2\n  | line 3`,
    );
    expect(JSON.stringify(error) + String(error.stack)).not.toContain("the-secret");
  });

  it("that ends by a signal is reported as such", async () => {
    const error = await failure(runOnce("kill -KILL $$"));
    expect(error.message).toContain("ended by signal SIGKILL");
  });

  it("that does not end in time is given up at its own deadline, with what was last seen", async () => {
    await using session = await openSession(sshd.host, sshd.credentials);
    const started = performance.now();
    const error = await failure(
      session.run("echo waiting for godot >&2; sleep 60", { task: "probe", timeoutSeconds: 5 }),
    );
    expect(error.kind).toBe("timeout");
    expect(error.message).toContain("not finished after 5 s; last output: waiting for godot");
    expect(performance.now() - started).toBeLessThan(30_000);
  });
});

describe("the host key", () => {
  it("J-24 other than the pinned one stops the session, names both fingerprints and sends nothing", async () => {
    const hostKey = newKey(sshd.folder, "other", "ed25519");
    const error = await failure(runOnce(`touch ${sshd.folder}/written`, "", { ...sshd.host, hostKey }));
    expect(error.kind).toBe("host-key");
    const fingerprints = error.message.match(/ssh-ed25519 SHA256:[A-Za-z0-9+/]{43}/g) ?? [];
    expect(new Set(fingerprints).size).toBe(2);
    expect(existsSync(join(sshd.folder, "written"))).toBe(false);
  });

  it("J-24 of another type than the pinned one is named as well", async () => {
    const hostKey = newKey(sshd.folder, "other-type", "ecdsa");
    const error = await failure(runOnce("true", "", { ...sshd.host, hostKey }));
    expect(error.kind).toBe("host-key");
    expect(error.message).toContain("host key mismatch: the server has ssh-ed25519 SHA256:");
    expect(error.message).toContain("pinned is ecdsa-sha2-nistp256 SHA256:");
  });

  it.each(["rsa", "ecdsa"] as const)("may be of type %s", async (type) => {
    await using server = await startSshd({ hostKeyType: type });
    await using session = await openSession(server.host, server.credentials);
    expect(await session.run("echo hello", { task: "probe", timeoutSeconds: 10 })).toEqual({
      stdout: "hello\n",
      stderr: "",
    });
  });
});

describe("a user other than root", () => {
  const bin = (name: string, text: string): void => {
    mkdirSync(join(sshd.folder, "bin"), { recursive: true });
    writeFileSync(join(sshd.folder, "bin", name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(sshd.folder, "bin", name), 0o755);
  };

  it("runs scripts through sudo without a password", async () => {
    bin("sudo", 'if [ "$1" = -n ]; then shift; else exit 1; fi; echo "sudo for $USER" >&2; exec "$@"');
    const result = await runOnce("cat", "it's in", { ...sshd.host, user: secondRoot });
    expect(result).toEqual({ stdout: "it's in", stderr: "sudo for admin\n" });
  });

  it("whom sudo refuses is told the sudoers line that is wanted", async () => {
    bin("sudo", "echo 'sudo: a password is required' >&2; exit 1");
    const error = await failure(runOnce("true", "", { ...sshd.host, user: unprivilegedUser }));
    expect(error.kind).toBe("sudo");
    expect(error.message).toContain("sudo: a password is required");
    expect(error.message).toContain('"deploy ALL=(root) NOPASSWD: ALL"');
  });
});

describe("the network", () => {
  it("that refuses the connection is reported as unreachable, with address, port and remedy", async () => {
    await using gone = await relay(() => "drop");
    await gone[Symbol.asyncDispose]();
    const error = await failure(openSession(gone.host, sshd.credentials));
    expect(error.kind).toBe("unreachable");
    expect(error.message).toContain(`connecting to host "root@127.0.0.1:${gone.host.port}"`);
    expect(error.message).toContain("ECONNREFUSED");
    expect(error.message).toContain("Check that the host is on");
  });

  it("whose other end is silent is given up after one dial limit", async () => {
    await using silent = await relay(() => "mute");
    const started = performance.now();
    const error = await failure(openSession(silent.host, sshd.credentials, { dialTimeoutSeconds: 1 }));
    expect(error.kind).toBe("unreachable");
    expect(silent.connections()).toBe(1);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it("J-04 that drops the first dials, as MaxStartups does, is tried again", async () => {
    await using busy = await relay((count) => (count < 3 ? "drop" : "forward"));
    expect(await runOnce("echo in", "", busy.host)).toEqual({ stdout: "in\n", stderr: "" });
    expect(busy.connections()).toBe(3);
  });

  it("J-08b that closes the connection while a script runs is reported as such", async () => {
    await using wire = await relay(() => "forward");
    await using session = await openSession(wire.host, sshd.credentials);
    const running = session.run("sleep 20", { task: "probe", timeoutSeconds: 20 });
    setTimeout(wire.cut, 300);
    const error = await failure(running);
    expect(error.kind).toBe("disconnected");
    expect(error.message).toContain("whether the script finished is unknown");
    expect((await failure(session.run("true", { task: "again", timeoutSeconds: 5 }))).kind).toBe(
      "disconnected",
    );
  });

  it("J-08b that falls silent while a script runs is noticed within 40 s", { timeout: 60_000 }, async () => {
    await using wire = await relay(() => "forward");
    await using session = await openSession(wire.host, sshd.credentials);
    const running = session.run("sleep 55", { task: "probe", timeoutSeconds: 55 });
    const started = performance.now();
    setTimeout(wire.freeze, 300);
    expect((await failure(running)).kind).toBe("disconnected");
    expect(performance.now() - started).toBeLessThan(40_000);
  });
});
