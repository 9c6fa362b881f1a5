// Hosts whose logins are not those that everybody tries first: fish for a shell, a greeting without an end of line, sudo.
// And stacks whose state holds the command text of an older program.
import { beforeAll, expect, it } from "vitest";
import { secondRoot } from "../support/sshd.ts";
import { readyNodes } from "./site/nodes.ts";
import { expectSaid, stepsOf, succeeds } from "./site/run.ts";
import { remainsOf, setScene } from "./site/scene.ts";

const scene = setScene("strange", 3, { shell: "/usr/bin/fish" });
const warning = "[WARNING Service-Kubelet]: kubelet service is not enabled";

function declare(...hosts: readonly object[]): void {
  const declared = hosts.map((others, at) => scene.host(at + 1).declare(others));
  const workers = { name: "workers", hosts: declared, maxUnavailable: 3, limits: { maxRemovals: "100%" } };
  scene.stack.declare([workers], { ssh: { user: secondRoot } });
}

const bootOf = (index: number) => scene.host(index).run("cat /proc/sys/kernel/random/boot_id");

beforeAll(async () => {
  for (const host of scene.hosts)
    await host.run(
      `mkdir -p ~${secondRoot}/.config/fish; echo 'printf "Welcome to ${host.name}"' > ~${secondRoot}/.config/fish/config.fish
      printf '\\t%s\\n' '${warning}' > /run/kubeadm-warns`,
    );
});

it("J-C1 J-C2 J-C6 joins over sudo from a fish that greets, and shows what kubeadm warned of", async () => {
  declare({}, {}, {});
  expectSaid(await succeeds(scene.stack.up()), "NodeMembership w1", `warning: kubeadm join: ${warning}`);
  expect(await readyNodes()).toEqual(["w1", "w2", "w3"]);
});

it("J-C1 changes nothing for a state with the command text of an older program", async () => {
  const state = JSON.parse(await scene.stack.ask(["stack", "export", "--show-secrets"]));
  for (const { urn, inputs, outputs } of state.deployment.resources) {
    if (!urn.endsWith("remote:Command::w1")) continue;
    for (const bag of [inputs, outputs]) Object.assign(bag, { create: "# older text", stdin: "older input" });
  }
  await scene.stack.ask(["stack", "import"], JSON.stringify(state));
  const older = scene.stack.state().get("Command w1");
  expect(older?.inputs.create).toBe("# older text");

  const logins = scene.host(1).logins();
  expect(stepsOf(await succeeds(scene.stack.up("--expect-no-changes")))).toEqual([]);
  expect(scene.host(1).logins()).toBe(logins);
});

it("J-C1 J-C5 joins one again by today's text, reboots another, and removes a third", async () => {
  const boots = await bootOf(2);
  declare({ rejoinTrigger: "2" }, { rebootTrigger: "1" });
  await succeeds(scene.stack.up());
  expect(await readyNodes()).toEqual(["w1", "w2"]);
  expect(scene.stack.state().get("Command w1")?.inputs.create).toMatch(
    /^sudo -n sh -c 'cd \/var\/lib\/nodepools /,
  );
  expect(await bootOf(2)).not.toBe(boots);
  expect(await remainsOf(scene.host(3))).toEqual([]);
});
