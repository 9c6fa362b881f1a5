// claim and join on a sandboxed host.
import { describe, expect, it } from "vitest";
import { renderJoinConfiguration } from "../../../components/kubeadm/join-configuration.ts";
import { joinCommand, leaveJoinInput } from "../../../components/kubeadm/left-join.ts";
import { claimInput } from "../../../components/kubeadm/marker.ts";
import { loadHostScripts } from "../../../components/kubeadm/scripts.ts";
import { quoteForShell } from "../../../components/ssh/quote.ts";
import { runInSandbox } from "../../support/host-sandbox.ts";
import { shellFaults } from "../../support/shell-faults.ts";
import {
  claim,
  configuration,
  feed,
  files,
  join,
  joinArgs,
  joined,
  leave,
  marker,
  owner,
  reset,
  run,
} from "./scripted-host.ts";

it("all scripts pass shellcheck and split no words", () => {
  expect(Object.values(loadHostScripts()).flatMap(shellFaults)).toEqual([]);
});

describe("claim", () => {
  it("writes the marker, and again for the same stack", () => {
    const { stdout } = run(`${claim}${claim}cat /var/lib/nodepools/owner; ls /var/lib/nodepools`);
    expect(stdout).toBe(`status=0\nstatus=0\nowner=${owner}\ncluster=sha256:aa\nnode=w1\nowner\n`);
  });

  it("refuses a host of another stack, and takes it over only when that stack is named as the former", () => {
    const other = { ...marker, owner: "org/project/renamed" };
    const { stdout, stderr } = run(
      `${claim}${feed(claimInput(other), "claim")}${feed(claimInput(other, owner), "claim")}head -n 1 /var/lib/nodepools/owner`,
    );
    expect(stdout).toBe("status=0\nstatus=77\nstatus=0\nowner=org/project/renamed\n");
    expect(stderr).toContain(`this host is claimed by stack "${owner}"`);
  });

  it("refuses a joined host under another name of the same stack, and allows it before the join", () => {
    const renamed = feed(claimInput({ ...marker, node: "worker1" }), "claim");
    const { stdout, stderr } = run(`${claim}${joined}${renamed}rm -r /etc/kubernetes; ${renamed}`);
    expect(stdout).toBe("status=0\nstatus=77\nstatus=0\n");
    expect(stderr).toContain('this host serves as node "w1" of this stack');
  });

  it("has the marker on the disk before it ends: contents first, then the name", () => {
    const sync = 'echo "$@: $(ls /var/lib/nodepools)" >> /run/sync.calls\n';
    const { stdout } = runInSandbox(`${claim}cat /run/sync.calls`, { ...files, sync });
    expect(stdout).toBe("status=0\n/var/lib/nodepools/owner.new: owner.new\n/var/lib/nodepools: owner\n");
  });

  it("changes nothing when its input was cut off", () => {
    const { stdout } = run(`${feed(claimInput(marker).slice(0, -1), "claim")}ls /var/lib`);
    expect(stdout).toBe("status=65\n");
  });
});

describe("join", () => {
  it("hands both documents to kubeadm in files that nobody else can read, and leaves none", () => {
    const { stdout } = run(
      `${join(configuration)}cat /run/kubeadm.config /run/kubeadm.calls; ls -d /run/nodepools*`,
    );
    expect(stdout).toMatch(
      /^joined\nstatus=0\nkind: JoinConfiguration\nkind: Config\n# end of join configuration\njoin --config \/run\/nodepools-join\.\w+\/join\.yaml\n-rw-------\n-rw-------\n\/run\/nodepools\n$/,
    );
  });

  it.each([
    ["J-08c does nothing on a joined host, whatever it is given", configuration],
    ["J-09 does nothing on an adopted host, which is given nothing", ""],
  ])("%s", (_, left) => {
    const { stdout } = run(`${joined}${join(left)}ls /run/kubeadm.calls 2>&1`);
    expect(stdout).toContain("this host is joined already\nstatus=0\n");
    expect(stdout).toContain("No such file");
  });

  it.each([
    ["was cut off", configuration.slice(0, 30)],
    ["is empty", ""],
  ])("J-08a joins nothing and leaves no file when the configuration %s", (_, left) => {
    const { stdout, stderr } = run(`${join(left)}ls -d /run/nodepools* /run/kubeadm.calls`);
    expect(stdout).toBe("status=65\n/run/nodepools\n");
    expect(stderr).toContain("has no complete join configuration");
  });

  it("shows kubeadm's last lines when it fails, and leaves no file", () => {
    const { stdout, stderr } = run(`touch /run/join-fails; ${join(configuration)}ls -d /run/nodepools*`);
    expect(stdout).toBe("status=1\n/run/nodepools\n");
    expect(stderr).toBe("[ERROR CRI]: no runtime\n");
  });

  it("M3 bounds each line of kubeadm and the kubelet: a long one would hang the plugin that reads it", () => {
    const long = "printf '%0100000d\\n' 0";
    const { stderr } = runInSandbox(
      `mkdir -p /var/lib/kubelet; touch /var/lib/kubelet/config.yaml; ${join(configuration)}`,
      { ...files, kubeadm: `${long}; exit 1\n`, journalctl: `${long}\n` },
    );
    expect(stderr.split("\n").map(({ length }) => length)).toEqual([4000, 4000, 0]);
  });

  it.each(["abc123.0123456789abcdef", "123456.0123456789012345"])(
    "J-14b names the request that waits for approval when the kubelet runs without a certificate: %s",
    (token) => {
      const args = { ...joinArgs, token };
      const { stderr } = runInSandbox(`touch /run/join-fails; ${join(renderJoinConfiguration(args))}`, {
        ...files,
        systemctl: "exit 0\n",
      });
      expect(stderr).toMatch(/^the kubelet runs, but has no certificate\. .*kubectl get csr/m);
      expect(stderr).toContain(`of system:bootstrap:${token.slice(0, 6)} Pending?`);
      expect(stderr).not.toContain(token.slice(7));
    },
  );

  it("J-C6 passes on what kubeadm warned of in a good join", () => {
    const warning = "[WARNING Service-Kubelet]: kubelet service is not enabled";
    const { stdout } = runInSandbox(join(configuration), {
      ...files,
      kubeadm: `printf '[preflight] Running\n\t${warning}\n' >&2\n${files.kubeadm}`,
    });
    expect(stdout).toBe(`warning: ${warning}\njoined\nstatus=0\n`);
  });

  it("J-C13 keeps its own files from others, and leaves kubeadm's as readable as kubeadm makes them", () => {
    const makesCa = "mkdir -p /etc/kubernetes/pki; touch /etc/kubernetes/pki/ca.crt\n";
    const { stdout } = runInSandbox(
      `umask 077; ${leave(configuration)}${joinCommand("root")}
      stat -c %a /etc/kubernetes/pki/ca.crt; tail -n 2 /run/kubeadm.calls`,
      { ...files, kubeadm: `${makesCa}${files.kubeadm}` },
    );
    expect(stdout).toContain("joined\n[nodepools] ends with status 0\n644\n-rw-------\n-rw-------\n");
  });

  it("J-08c waits for a join that outlived its session, and then finds the host joined", () => {
    const { stdout } = run(
      `${leave(configuration)}JOIN_SECONDS=2 join > /run/first & sleep 0.5; join; echo "status=$?"; grep -c join /run/kubeadm.calls`,
    );
    expect(stdout).toContain("this host is joined already\nstatus=0\n1\n");
  });

  it("removes the configuration when it is ended by a signal", () => {
    const { stdout } = run(
      `${leave(configuration)}exec 8> /run/nodepools/lock; flock 8
      join & sleep 0.3; kill -TERM $!; flock -u 8; wait $!; echo "status=$?"; ls -d /run/nodepools* /run/nodepools/*`,
    );
    expect(stdout).toContain("status=143\n");
    expect(stdout).not.toContain("join");
  });
});

describe("a join that an enrollment leaves", () => {
  const left = "/var/lib/nodepools/join";

  it("is root's alone, and the command runs it", () => {
    const { stdout } = run(
      `${leave(configuration)}stat -c '%U %a' ${left} /run/nodepools /run/nodepools/join-input\n${joinCommand("root")}`,
    );
    expect(stdout).toMatch(/^root 600\nroot 700\nroot 600\n\n\[nodepools\] begins as root\njoined\n/);
  });

  it("J-09 still says that a host is joined which was rebooted before the run knew of it", () => {
    const { stdout } = run(`${leave(configuration)}rm -r /run/nodepools\n${joined}${joinCommand("root")}`);
    expect(stdout).toContain("this host is joined already\n");
  });

  it("is not run when it is another program, or none", () => {
    const { stdout, stderr } = run(
      `${leave(configuration)}echo "touch /run/evil" >> ${left}
      ${joinCommand("root")}; echo "status=$?"; ls /run/evil; rm ${left}\n${joinCommand("root")}; echo "status=$?"`,
    );
    expect(stdout).toBe("status=1\nstatus=1\n");
    expect(stderr).toContain("join: FAILED");
    expect(stderr).toContain("join: No such file or directory");
  });

  it("J-09 is not needed on a host that has joined, whatever is left of it", () => {
    const { stdout } = run(
      `${joined}${joinCommand("root")}; echo "status=$?"; ${leave("")}echo more >> ${left}\n${joinCommand("root")}; echo "status=$?"`,
    );
    expect(stdout).toBe("this host is joined already\nstatus=0\n".repeat(2));
  });

  it("is not left in parts", () => {
    const cut = quoteForShell(leaveJoinInput(configuration).slice(0, 400));
    const { stdout } = run(
      `printf '%s' ${cut} | leaveJoin; echo "status=$?"; ls /var/lib/nodepools /run/nodepools`,
    );
    expect(stdout).toBe("status=65\n/run/nodepools:\nlock\n\n/var/lib/nodepools:\n");
  });

  it("goes with the reset", () => {
    const { stdout } = run(`${claim}${leave(configuration)}${reset}ls /var/lib/nodepools /run/nodepools`);
    expect(stdout).toMatch(/clean\nstatus=0\n\/run\/nodepools:\nlock\n\n\/var\/lib\/nodepools:\n$/);
  });
});
