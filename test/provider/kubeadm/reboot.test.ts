// reboot.sh in a sandboxed host, with a stand-in for systemctl.
import { expect, it } from "vitest";
import { claimInput, rebootInput } from "../../../components/kubeadm/marker.ts";
import { loadHostScripts } from "../../../components/kubeadm/scripts.ts";
import { runInSandbox } from "../../support/host-sandbox.ts";

const owner = "org/project/stack";
const claim = { owner, cluster: "sha256:aa", node: "w1" };
const { claim: claimScript, reboot } = loadHostScripts();
const files = {
  claim: claimScript,
  reboot,
  systemctl: 'echo "$@" >> /run/systemctl.calls\n',
  // The service manager runs what it is given in an environment of its own, and answers once it runs.
  "systemd-run": `while [ "\${1#-}" != "$1" ]; do shift; done
env -i PATH="$PATH" setsid sh -c ': > /run/started; exec "$@"' sh "$@" > /dev/null 2>&1 < /dev/null &
until [ -e /run/started ]; do sleep 0.05; done
`,
};

const feed = (text: string, command: string) => `printf '%s' '${text}' | ${command}; echo "status=$?"\n`;
const claimed = feed(claimInput(claim), "claim");
const calls = "sleep 2; cat /run/systemctl.calls 2>/dev/null; true\n";
const bootId = "$(cat /proc/sys/kernel/random/boot_id)";
/** The boot id is this machine's, which only the shell of the sandbox reads. */
const asked = (name = owner, node = "w1", boot = bootId) =>
  `printf '%s' "${rebootInput({ owner: name, node }, boot)}" | reboot; echo "status=$?"\n`;

const run = (program: string) => runInSandbox(program, files);

it("reboots after the session that asks for it has ended", () => {
  const { stdout } = run(
    `${claimed}${asked()}echo "asked before: $(cat /run/systemctl.calls 2>/dev/null)"\n${calls}`,
  );
  expect(stdout).toBe("status=0\nstatus=0\nasked before: \nreboot\n");
});

it("J-C5 reboots where logind ends what a session leaves behind", () => {
  const endOfSession = `for each in /proc/[0-9]*; do
    if tr '\\0' '\\n' < "$each/environ" 2> /dev/null | grep -qx SESSION=1; then kill -s KILL "\${each#/proc/}" 2> /dev/null; fi
  done\n`;
  const inSession = asked().replace("| reboot", "| SESSION=1 reboot");
  expect(run(`${claimed}${inSession}${endOfSession}${calls}`).stdout).toBe("status=0\nstatus=0\nreboot\n");
});

it("does nothing on a host whose boot is another one already", () => {
  const { stdout } = run(`${claimed}${asked(owner, "w1", "the-former-boot")}${calls}`);
  expect(stdout).toBe("status=0\nrebooted already\nstatus=0\n");
});

it.each([
  ["of another stack", claimed, asked("org/project/other")],
  ["of another node", claimed, asked(owner, "w2")],
  ["that nobody claimed", "echo status=0\n", asked()],
])("does not reboot a host %s", (_what, before, ask) => {
  const { stdout, stderr } = run(`${before}${ask}${calls}`);
  expect(stdout).toBe("status=0\nstatus=77\n");
  expect(stderr).toContain("it was not rebooted");
});

it("does nothing when its input was cut off", () => {
  const { stdout } = run(`${claimed}${feed(`owner=${owner}\nnode=w1\n`, "reboot")}${calls}`);
  expect(stdout).toBe("status=0\nstatus=65\n");
});
