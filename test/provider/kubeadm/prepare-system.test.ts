// Kernel, clock, firewall, SELinux and NetworkManager of a host that is prepared, in a sandbox.
import { describe, expect, it } from "vitest";
import { onMachine, prepare } from "./prepare-host.ts";

describe("kernel and surroundings", () => {
  const swapOn = `printf 'Filename Type\\n/dev/zram0 partition\\n' > /run/swaps; echo 'dev-zram0.swap loaded' > /run/swap-units
    printf '/dev/sda2\\tnone swap sw 0 0\\n#/dev/sda3 none swap sw 0 0\\n' >> /etc/fstab\n`;

  it("J-05 turns swap off now, in fstab and in systemd, and only once", () => {
    const { stdout } = onMachine(
      `${swapOn}${prepare()}echo ====; cat /etc/fstab /proc/swaps; ls /run/units/*.masked; ${prepare()}`,
    );
    expect(stdout).toContain("changed: swap is off, now and after a reboot\n");
    expect(stdout.split("====\n")[1]).toBe(
      "/dev/sda1 / ext4 defaults 0 1\n# off for the kubelet: /dev/sda2\tnone swap sw 0 0\n#/dev/sda3 none swap sw 0 0\n" +
        "/run/units/swap.target.masked\nnothing changed\nstatus=0\n",
    );
  });

  it("leaves swap alone in a container, where it is the outer machine's", () => {
    const { stdout } = onMachine(`${swapOn}touch /run/is-container; ${prepare()}grep -c swapoff /run/calls`);
    expect(stdout).toMatch(/status=0\n0\n$/);
  });

  it("J-05 loads br_netfilter when it is missing", () => {
    const { stdout } = onMachine(`mount -t tmpfs tmpfs /proc/sys/net/bridge; ${prepare()}`);
    expect(stdout).toContain("changed: kernel module br_netfilter is loaded\n");
    expect(stdout).toContain("status=0\n");
  });

  it("tells everything that the kernel refuses in one message, and installs nothing then", () => {
    const { stdout, stderr } = onMachine(
      `${swapOn}touch /run/swap-stays /run/no-modules; mount -t tmpfs -o ro tmpfs /proc/sys/net/bridge; ${prepare()}ls /run/packages 2>&1`,
    );
    expect(stdout).toContain("status=1\n");
    expect(stdout).toContain("No such file");
    expect(stderr).toMatch(
      /^this host could not be prepared:\n- swap is off.*\n- kernel module br_netfilter.*\n- packets are forwarded.*\n$/,
    );
  });

  it("J-02 opens ufw's ports, and says that the network plugin's are left", () => {
    const ufw = `case $1 in status) echo "Status: active"; cat /run/ufw 2> /dev/null ;; allow) echo "$2 ALLOW Anywhere" >> /run/ufw ;; esac; exit 0\n`;
    const { stdout } = onMachine(`${prepare()}cat /run/ufw; ${prepare()}`, { ufw });
    expect(stdout).toContain("changed: ufw lets in 10250/tcp 30000-32767/tcp 30000-32767/udp\n");
    expect(stdout).toContain("warning: ufw is active: allow what your network plugin needs as well\n");
    expect(stdout).toContain(
      "10250/tcp ALLOW Anywhere\n30000:32767/tcp ALLOW Anywhere\n30000:32767/udp ALLOW Anywhere\n",
    );
    expect(stdout).toMatch(/nothing changed\nstatus=0\n$/);
  });

  it("J-02 opens firewalld's ports now and for good, without a reload", () => {
    const firewall = `echo "$*" >> /run/calls; kind=now; case $* in *--permanent*) kind=later ;; esac
      case $* in *--state*) ;; *--query-port*) grep -qx "$kind \${*##*=}" /run/ports 2> /dev/null ;; *--add-port*) echo "$kind \${*##*=}" >> /run/ports ;; esac\n`;
    const { stdout } = onMachine(`${prepare()}sort /run/ports; grep -c -- --reload /run/calls`, {
      "firewall-cmd": firewall,
    });
    expect(stdout).toContain(
      "later 10250/tcp\nlater 30000-32767/tcp\nlater 30000-32767/udp\nnow 10250/tcp\nnow 30000-32767/tcp\nnow 30000-32767/udp\n0\n",
    );
  });

  const selinux = {
    getenforce: "cat /run/selinux\n",
    setenforce: "echo Permissive > /run/selinux\n",
  };
  const enforcing =
    "echo Enforcing > /run/selinux; mkdir -p /etc/selinux; echo SELINUX=enforcing > /etc/selinux/config\n";

  it("J-02 makes SELinux permissive now and for good", () => {
    const { stdout } = onMachine(`${enforcing}${prepare()}cat /run/selinux /etc/selinux/config`, selinux);
    expect(stdout).toContain("changed: SELinux is permissive, now and after a reboot\n");
    expect(stdout).toMatch(/Permissive\nSELINUX=permissive\n$/);
  });

  it("J-02 leaves SELinux alone when told to keep it", () => {
    const { stdout } = onMachine(
      `${enforcing}${prepare({ selinux: "keep" })}cat /run/selinux /etc/selinux/config`,
      selinux,
    );
    expect(stdout).toMatch(/status=0\nEnforcing\nSELINUX=enforcing\n$/);
  });

  it("tells NetworkManager to leave the network plugin's links alone", () => {
    const nmcli = 'echo "nmcli $*" >> /run/calls\n';
    const { stdout } = onMachine(
      `mkdir -p /etc/NetworkManager; touch /run/units/NetworkManager.active; ${prepare()}${prepare()}cat /etc/NetworkManager/conf.d/90-nodepools.conf; grep nmcli /run/calls`,
      { nmcli },
    );
    expect(stdout).toContain("changed: NetworkManager leaves the network plugin's links alone\n");
    expect(stdout).toContain("nothing changed\nstatus=0\n[keyfile]\nunmanaged-devices+=interface-name:cni*;");
    expect(stdout).toMatch(/nodelocaldns\nnmcli general reload conf\n$/);
  });

  const cloudSetup =
    "touch /run/units/nm-cloud-setup /run/units/nm-cloud-setup.timer.enabled /run/units/nm-cloud-setup.active\n";

  it("J-02 turns nm-cloud-setup off, now and for good", () => {
    const { stdout } = onMachine(
      `${cloudSetup}${prepare()}ls /run/units | grep cloud-setup[.]; ${prepare()}`,
    );
    expect(stdout).toContain("changed: nm-cloud-setup is off, now and after a reboot\n");
    expect(stdout).toMatch(/status=0\nnothing changed\nstatus=0\n$/);
  });

  it("J-02 asks for a reboot while rules of nm-cloud-setup take the pods' packets", () => {
    const { stderr } = onMachine(
      `${cloudSetup}ip rule add from 10.0.0.9 table 30400 pref 30400; ${prepare()}`,
    );
    expect(stderr).toBe(
      "this host could not be prepared:\n- routes: rules of nm-cloud-setup are still in force, and it is off: reboot the host, then run again\n",
    );
  });

  it("J-02 leaves alone an administrator's rules of such numbers where that service is not", () => {
    const { stdout } = onMachine(`ip rule add from 10.0.0.9 table 30400 pref 30400; ${prepare()}`);
    expect(stdout).toContain("status=0\n");
  });

  it("warns of a clock that is not in sync", () => {
    const { stdout } = onMachine(prepare(), { timedatectl: "echo no\n" });
    expect(stdout).toContain("warning: the clock is not in sync yet");
    expect(stdout).toContain("status=0\n");
  });

  it("leaves a container's clock to the outer machine", () => {
    const { stdout } = onMachine(`touch /run/is-container; ${prepare()}`, { timedatectl: "echo no\n" });
    expect(stdout).not.toMatch(/chrony|clock|time is/);
    expect(stdout).toContain("status=0\n");
  });
});
