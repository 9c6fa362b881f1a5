// claim and join on a sandboxed host.
import { describe, expect, it } from "vitest";
import { renderJoinConfiguration } from "../../../components/kubeadm/join-configuration.ts";
import { claimInput } from "../../../components/kubeadm/marker.ts";
import { loadHostScripts } from "../../../components/kubeadm/scripts.ts";
import { loaderCommand, programInput } from "../../../components/ssh/program.ts";
import { quoteForShell } from "../../../components/ssh/quote.ts";
import { runInSandbox } from "../../support/host-sandbox.ts";
import { shellFaults } from "../../support/shell-faults.ts";
import { claim, configuration, feed, files, joinArgs, joined, marker, owner, run } from "./scripted-host.ts";

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
      `${feed(configuration, "join")}cat /run/kubeadm.config /run/kubeadm.calls; ls -d /run/nodepools*`,
    );
    expect(stdout).toMatch(
      /^joined\nstatus=0\nkind: JoinConfiguration\nkind: Config\n# end of join configuration\njoin --config \/run\/nodepools-join\.\w+\/join\.yaml\n-rw-------\n-rw-------\n\/run\/nodepools\n$/,
    );
  });

  it.each([
    ["J-08c does nothing on a joined host, whatever it is given", configuration],
    ["J-09 does nothing on an adopted host, which is given nothing", ""],
  ])("%s", (_, stdin) => {
    const { stdout } = run(`${joined}${feed(stdin, "join")}ls /run/kubeadm.calls 2>&1`);
    expect(stdout).toContain("this host is joined already\nstatus=0\n");
    expect(stdout).toContain("No such file");
  });

  it.each([
    ["was cut off by a lost session", configuration.slice(0, 30)],
    ["is empty", ""],
  ])("J-08a joins nothing and leaves no file when the configuration %s", (_, stdin) => {
    const { stdout, stderr } = run(`${feed(stdin, "join")}ls -d /run/nodepools* /run/kubeadm.calls`);
    expect(stdout).toBe("status=65\n/run/nodepools\n");
    expect(stderr).toContain("no complete join configuration arrived");
  });

  it("shows kubeadm's last lines when it fails, and leaves no file", () => {
    const { stdout, stderr } = run(
      `touch /run/join-fails; ${feed(configuration, "join")}ls -d /run/nodepools*`,
    );
    expect(stdout).toBe("status=1\n/run/nodepools\n");
    expect(stderr).toBe("[ERROR CRI]: no runtime\n");
  });

  it("M3 bounds each line of kubeadm and the kubelet: a long one would hang the plugin that reads it", () => {
    const long = "printf '%0100000d\\n' 0";
    const { stderr } = runInSandbox(
      `mkdir -p /var/lib/kubelet; touch /var/lib/kubelet/config.yaml; ${feed(configuration, "join")}`,
      { ...files, kubeadm: `${long}; exit 1\n`, journalctl: `${long}\n` },
    );
    expect(stderr.split("\n").map(({ length }) => length)).toEqual([4000, 4000, 0]);
  });

  it.each(["abc123.0123456789abcdef", "123456.0123456789012345"])(
    "J-14b names the request that waits for approval when the kubelet runs without a certificate: %s",
    (token) => {
      const args = { ...joinArgs, token };
      const { stderr } = runInSandbox(
        `touch /run/join-fails; ${feed(renderJoinConfiguration(args), "join")}`,
        {
          ...files,
          systemctl: "exit 0\n",
        },
      );
      expect(stderr).toMatch(/^the kubelet runs, but has no certificate\. .*kubectl get csr/m);
      expect(stderr).toContain(`of system:bootstrap:${token.slice(0, 6)} Pending?`);
      expect(stderr).not.toContain(token.slice(7));
    },
  );

  it("J-C6 passes on what kubeadm warned of in a good join", () => {
    const warning = "[WARNING Service-Kubelet]: kubelet service is not enabled";
    const { stdout } = runInSandbox(feed(configuration, "join"), {
      ...files,
      kubeadm: `printf '[preflight] Running\n\t${warning}\n' >&2\n${files.kubeadm}`,
    });
    expect(stdout).toBe(`warning: ${warning}\njoined\nstatus=0\n`);
  });

  it("J-C13 keeps its own files from others, and leaves kubeadm's as readable as kubeadm makes them", () => {
    const makesCa = "mkdir -p /etc/kubernetes/pki; touch /etc/kubernetes/pki/ca.crt\n";
    const program = programInput(loadHostScripts().join, configuration);
    const { stdout } = runInSandbox(
      `umask 077; printf '%s' ${quoteForShell(program)} | ${loaderCommand("root", "join")}
      stat -c %a /etc/kubernetes/pki/ca.crt; tail -n 2 /run/kubeadm.calls`,
      { ...files, kubeadm: `${makesCa}${files.kubeadm}` },
    );
    expect(stdout).toContain("joined\n[nodepools] ends with status 0\n644\n-rw-------\n-rw-------\n");
  });

  it("J-08c waits for a join that outlived its session, and then finds the host joined", () => {
    const { stdout } = run(
      `printf '%s' '${configuration}' | JOIN_SECONDS=2 join > /run/first & sleep 0.5; ${feed(configuration, "join")}grep -c join /run/kubeadm.calls`,
    );
    expect(stdout).toContain("this host is joined already\nstatus=0\n1\n");
  });

  it("removes the configuration when it is ended by a signal", () => {
    const { stdout } = run(
      `mkfifo /run/in; join < /run/in & sleep 0.2; exec 8> /run/in; echo partial >&8; sleep 0.3; kill -TERM $!; exec 8>&-; wait $!; echo "status=$?"; ls -d /run/nodepools*`,
    );
    expect(stdout).toContain("status=143\n");
    expect(stdout).not.toContain("nodepools-join");
  });
});
