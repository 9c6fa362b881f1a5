// Sessions with every kind of login: shells that read POSIX syntax otherwise, greetings, forced commands, sudo's moods.
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openSession, type SshSession } from "../../../components/ssh/session.ts";
import { type Sshd, type SshdOptions, secondRoot, startSshd, unprivilegedUser } from "../../support/sshd.ts";
import { failure } from "./failure.ts";

const script = `set -u
tell() { printf '%s|' "$@"; }
if [ "\${1:-}" = "" ]; then read -r line; fi
tell "$line" 'it'\\''s' "\`echo c\`" "$(id -u)" 'é!' \\\\
# it's a comment
case $line in one) cat << END
$line and \\$more
END
esac`;

const probe = (session: SshSession, text = script) =>
  session.run(text, { task: "probe", stdin: "one\ntwo\n", timeoutSeconds: 20 });

const open = (sshd: Sshd, user = "root") => openSession({ ...sshd.host, user }, sshd.credentials);

const program = (sshd: Sshd, path: string, text: string) => {
  writeFileSync(join(sshd.folder, path), text);
  chmodSync(join(sshd.folder, path), 0o755);
};

const sudo = '#!/bin/sh\n[ "$1" = -n ] && shift\nexec "$@"\n';

describe.each(["/bin/sh", "/bin/bash", "/usr/bin/fish", "/usr/bin/tcsh"])("J-C1 a login with %s", (shell) => {
  it.each(["root", secondRoot])("runs a script as written, as %s, and tells how it ended", async (user) => {
    await using sshd = await startSshd({ shell });
    program(sshd, "bin/sudo", sudo);
    await using session = await open(sshd, user);
    expect(await probe(session)).toEqual({
      stdout: "one|it's|c|0|é!|\\|one and $more\n",
      stderr: "",
    });
    const error = await failure(probe(session, "echo oops >&2; exit 77"));
    expect([error.kind, error.exitCode]).toEqual(["script", 77]);
    expect(error.message).toMatch(/: exit status 77: oops$/);
  });
});

describe("J-C2 a greeting of the login's shell", () => {
  const greetings = {
    ".bashrc": "printf 'Welcome to w1'; echo 'last login: never' >&2; trap 'echo bye' EXIT\n",
  };
  it("is no part of what a script says", async () => {
    await using sshd = await startSshd({ shell: "/bin/bash" });
    program(sshd, "bin/sudo", sudo);
    for (const [path, text] of Object.entries(greetings)) program(sshd, path, text);
    await using session = await open(sshd, secondRoot);
    expect((await probe(session, "printf machine_id=1")).stdout).toBe("machine_id=1");
  });
});

describe("J-L8 what sudo is called with", () => {
  it("is one short command for every script, with what it is for", async () => {
    await using sshd = await startSshd();
    program(sshd, "bin/sudo", sudo.replace("exec", `echo "$*" >> ${sshd.folder}/log.sudo; exec`));
    await using session = await open(sshd, secondRoot);
    await probe(session, `echo ${"a long script ".repeat(1000)}`);
    const { stdout } = await probe(session, `cat ${sshd.folder}/log.sudo`);
    const calls = stdout.trim().split("\n");
    expect(calls).toHaveLength(2);
    expect(calls.every((call) => call.length < 150 && call.endsWith("nodepools: probe"))).toBe(true);
  });
});

describe("a host that runs no program of ours", () => {
  const refusalOf = async (options: SshdOptions, user = "root", sudoText = sudo) => {
    await using sshd = await startSshd(options);
    program(sshd, "bin/sudo", sudoText);
    await using session = await open(sshd, user);
    return await failure(probe(session));
  };

  it("J-C8 with a forced command is quoted, and the login that it names is the remedy", async () => {
    const words = 'Please login as the user "debian" rather than the user "root".';
    const error = await refusalOf({ settings: [`ForceCommand echo '${words}'; exit 142`] });
    expect(error.kind).toBe("login");
    expect(error.message).toContain(`exit status 142; the host said: ${words}`);
    expect(error.message).toContain('Set ssh.user to "debian"');
  });

  it("J-C8 with a forced command that succeeds is no less refused", async () => {
    const error = await refusalOf({ settings: ["ForceCommand echo this is a jump host only"] });
    expect(error.kind).toBe("login");
    expect(error.message).toMatch(/exit status 0; the host said: this is a jump host only$/);
  });

  it("J-C8 without a shell is told so, with the shell's name", async () => {
    const error = await refusalOf({ shell: "/usr/sbin/nologin" });
    expect(error.kind).toBe("login");
    expect(error.message).toMatch(/This account is currently not available\. Give that login a shell/i);
  });

  it.each([
    ["a password is required", "sudo: a password is required", "NOPASSWD: ALL"],
    ["a terminal is required", "sudo: sorry, you must have a tty to run sudo", "!requiretty"],
    ["its own file is wrong", "sudo: /etc/sudo.conf is world writable", undefined],
  ])("J-C8 through a sudo for which %s", async (_, words, remedy) => {
    const error = await refusalOf({}, unprivilegedUser, `#!/bin/sh\necho '${words}' >&2; exit 1\n`);
    expect(error.kind).toBe("sudo");
    expect(error.message).toContain(`(login shell /bin/sh); it said: ${words}`);
    expect(error.message.includes("sudoers line")).toBe(remedy !== undefined);
    expect(error.message).toContain(remedy ?? words);
  });

  it("J-C8 through a sudo that makes another user of it", async () => {
    const other = await refusalOf({}, unprivilegedUser);
    expect(other.message).toContain(`sudo runs programs as "${unprivilegedUser}", not as root`);
  });
});
