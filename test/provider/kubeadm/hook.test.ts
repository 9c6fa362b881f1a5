// hook.sh in a sandboxed host.
import { expect, it } from "vitest";
import { claimInput, hookInput } from "../../../components/kubeadm/marker.ts";
import { feed, marker, owner, run } from "./scripted-host.ts";

const told = { pool: "workers", point: "beforeDrain", occasion: "leave", seconds: 20 };
const hook = (command: string, more: Partial<typeof told> = {}, node = "w1") =>
  feed(hookInput({ owner, node }, { ...told, ...more }, command), "hook");
const claimed = feed(claimInput(marker), "claim");

it("J-H01 runs a command with its variables, says its end and ends as it ends; its text is in no argument", () => {
  const { stdout } = run(
    `${claimed}${hook('echo "$NODEPOOLS_NODE $NODEPOOLS_POOL $NODEPOOLS_POINT $NODEPOOLS_OCCASION"; cat; echo broken >&2; tr "\\\\0" " " < /proc/$$/cmdline | grep -c broken; exit 3')}`,
  );
  expect(stdout).toBe("status=0\nw1 workers beforeDrain leave\nbroken\n0\nstatus=3\n");
});

it("J-H01 hears a flood to its end and tells the last of it", () => {
  const { stdout } = run(`${claimed}${hook("seq 1 400000")}`);
  expect(stdout.length).toBeLessThan(17_000);
  expect(stdout).toMatch(/\n399999\n400000\nstatus=0\n$/);
});

it("J-H02 ends a command that takes too long, with what it began", () => {
  const { stdout } = run(`${claimed}${hook("sleep 77 & sleep 77", { seconds: 1 })}pgrep -x sleep; true`);
  expect(stdout).toBe("status=0\nnot finished after 1 s: it was ended\nstatus=124\n");
});

it("J-H02 does not wait for what a command leaves running, which may hold its output open", () => {
  const { stdout, stderr } = run(
    `${claimed}${hook("sleep 77 & echo begun")}ls -d /run/nodepools/hook.* 2> /dev/null; true`,
  );
  expect(stderr).toBe("");
  expect(stdout).toBe("status=0\nits output is not shown: what it left running holds it open\nstatus=0\n");
  const quiet = hook("sleep 77 > /dev/null 2>&1 & echo begun");
  expect(run(`${claimed}${quiet}`).stdout).toBe("status=0\nbegun\nstatus=0\n");
});

it("J-H02 waits for the command that a killed run has left at work, and no longer than for its own", () => {
  const busy = "mkdir -p /run/nodepools; flock /run/nodepools/hook-lock sleep 2 &\nsleep 0.3\n";
  expect(run(`${claimed}${busy}${hook("echo done")}`).stdout).toBe("status=0\ndone\nstatus=0\n");
  const { stdout, stderr } = run(`${claimed}${busy}${hook("echo done", { seconds: 1 })}`);
  expect([stdout, stderr]).toEqual([
    "status=0\nstatus=75\n",
    "another hook was still at work on this host after 1 s\n",
  ]);
});

it.each([
  ["of another node", claimed, hook("touch /run/ran", {}, "w2")],
  ["that nobody claimed", "echo status=0\n", hook("touch /run/ran")],
])("J-H01 runs nothing on a host %s", (_what, before, ask) => {
  const { stdout, stderr } = run(`${before}${ask}ls /run/ran 2> /dev/null; true`);
  expect(stdout).toBe("status=0\nstatus=77\n");
  expect(stderr).toContain("the command was not run");
});
