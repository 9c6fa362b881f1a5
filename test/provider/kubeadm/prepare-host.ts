// A sandboxed machine to prepare: programs that only pretend to change it, with what they did written down in /run.
import { planPreparation, renderPrepareInput } from "../../../components/kubeadm/prepare.ts";
import { loadPrepareScripts } from "../../../components/kubeadm/prepare-scripts.ts";
import type { PrepareOptions } from "../../../components/model/prepare.ts";
import { quoteForShell } from "../../../components/ssh/quote.ts";
import { runInSandbox, type SandboxResult } from "../../support/host-sandbox.ts";

const { runner, program } = loadPrepareScripts();

/** Remembers the call, as every pretender does. */
const remember = `echo "\${0##*/} $*" >> /run/calls\n`;

/** Units are files: /run/units/<name>, <name>.enabled, .active, .masked. */
const systemctl = `${remember}
for last; do :; done; unit=/run/units/\${last%.service}
case " $* " in
  *" list-units "*) cat /run/swap-units 2> /dev/null ;;
  *" cat "*) [ -e "$unit" ] ;;
  *" is-enabled "*) if [ -e "$unit.masked" ]; then echo masked; exit 1; fi; [ -e "$unit.enabled" ] ;;
  *" is-active "*) [ -e "$unit.active" ] ;;
  *" enable "*) touch "$unit" "$unit.enabled"; case $* in *--now*) touch "$unit.active" ;; esac ;;
  *" disable "*) for word; do rm -f "/run/units/\${word%.service}.enabled" "/run/units/\${word%.service}.active"; done ;;
  *" mask "*) touch "$unit.masked" ;;
  *" restart "*) touch "$unit" "$unit.active" ;;
esac
`;

/** Installed packages are lines "name version" in /run/packages; containerd and Kubernetes become programs. */
const installer = `${remember}
install() {
  case $1 in
    kubelet | kubeadm | containerd | socat) cp "$SANDBOX/fake-$1" "/run/bin/$1" ;;
    containerd.io) cp "$SANDBOX/fake-containerd" /run/bin/containerd ;;
    chrony) mkdir -p /run/units; touch /run/units/chrony ;;
    ca-certificates) mkdir -p /etc/ssl/certs; touch /etc/ssl/certs/ca-certificates.crt ;;
  esac
  echo "$1 $2" >> /run/packages
}
version() { case $1 in *-\\*) echo "\${1%-\\*}-1.1" ;; *.\\*) echo "\${1%.\\*}.9-1.1" ;; *) echo "$1" ;; esac; }
[ ! -e /run/install-fails ] || { echo "E: disk full"; exit 100; }
[ ! -e /run/install-nothing ] || exit 0
case " $* " in *" install "*) ;; *) exit 0 ;; esac
`;

const apt = `${installer}
rm -f /run/half-installed
for word; do
  case $word in
    */*.deb) name=\${word##*/}; install "\${name%%_*}" "$(echo "$name" | cut -d _ -f 2)" ;;
    -* | install | update | *Options* | *Timeout* | Dir::*) ;;
    *=*) install "\${word%%=*}" "$(version "\${word#*=}")" ;;
    *) install "$word" 1.0 ;;
  esac
done
`;

/** Ends as `timeout` does when /run/dnf-hangs is there. */
const dnf = `case " $* " in *" list "*) [ ! -e /run/dnf-hangs ] || exit 124; [ -e /run/repository-has-containerd ]; exit ;; esac
${installer}
for word; do
  case $word in
    -* | install) ;;
    */*.rpm) name=\${word##*/}; install "\${name%.rpm}" 1.0 ;;
    kubelet-* | kubeadm-*) install "\${word%%-*}" "$(version "\${word#*-}")" ;;
    *) install "$word" 1.0 ;;
  esac
done
`;

const containerd = `file=/etc/containerd/config.toml
if [ "$1" = --config ]; then file=$2; fi
if [ ! -e "$file" ] || ! grep -q '\\[plugins\\|disabled_plugins = \\["cri"\\]' "$file"; then sed 1d "$SANDBOX/containerd-default"
elif grep -q 'disabled_plugins = \\["cri"\\]' "$file"; then printf 'disabled_plugins = ["cri"]\\nversion = 2\\n'
else echo "imports = [\\"$file\\"]"; grep -v ^imports "$file"; fi
`;

const ctr = `case " $* " in
  *" plugins "*) echo "io.containerd.grpc.v1    cri    linux/amd64    ok        " ;;
  *" import "*) ${remember} for last; do :; done; echo "site/\${last##*/}:1 application/x sha256:1 1KB" >> /run/images ;;
  *" images ls "*) echo "REF TYPE DIGEST"; sort -u /run/images 2> /dev/null ;;
esac
exit 0
`;

/** The programs that only pretend, by name. */
export const pretenders: Readonly<Record<string, string>> = {
  systemctl,
  ctr,
  "apt-get": apt,
  "apt-mark": `case $1 in showhold) cat /run/held 2> /dev/null ;; hold) shift; printf '%s\\n' "$@" >> /run/held ;; esac\nexit 0\n`,
  "dpkg-query": `case $* in *Eflag*) sed 's/^/half-installed reinstreq /' /run/half-installed 2> /dev/null; exit ;; esac
touch /run/packages; for last; do :; done
if [ $# = 3 ]; then sed 's/^/installed /' /run/packages; else tac /run/packages | sed -n "s/^$last /installed /p" | head -n 1; fi\n`,
  dpkg: `${remember}[ ! -e /run/cut-unpacking ] || exit 1; rm /run/half-installed\n`,
  dnf,
  rpm: `touch /run/packages; for last; do :; done
case $1 in
  -qa) cat /run/packages ;;
  *) found=$(sed -n "s/^$last //p" /run/packages); [ -n "$found" ] || { echo "package $last is not installed"; exit 1; }; echo "$found" ;;
esac\n`,
  "fake-containerd": containerd,
  "fake-kubelet": `. /run/versions 2> /dev/null; echo "Kubernetes v\${kubelet:-1.34.4}"\n`,
  "fake-kubeadm": `case $1 in version) echo v1.34.4 ;; config) echo registry.k8s.io/etcd:3.6; echo registry.k8s.io/pause:3.10.1 ;; esac\n`,
  "fake-socat": "exit 0\n",
  "systemd-detect-virt": "[ -e /run/is-container ]\n",
  timedatectl: "echo yes\n",
  swapoff: `${remember}[ -e /run/swap-stays ] || : > /run/swaps\n`,
  modprobe: `if [ -e /run/no-extra-modules ] && ! grep -qs ^kernel-modules-extra /run/packages; then exit 1; fi
case $* in *--dry-run*) exit 0 ;; esac\n${remember}[ -e /run/no-modules ] || case $1 in br_netfilter) umount /proc/sys/net/bridge ;; esac\n`,
  curl: `${remember}for last; do :; done; file=; while [ $# -gt 1 ]; do [ "$1" != -o ] || file=$2; shift; done; echo "from $last" > "$file"\n`,
  journalctl: "exit 0\n",
  "cloud-init": "exit 0\n",
  ...Object.fromEntries(["conntrack", "ethtool", "iptables", "tc"].map((name) => [name, "exit 0\n"])),
};

/** containerd 1.x's own defaults, as far as they matter (seen with Debian's 1.7.24). */
export const containerdDefaults = `disabled_plugins = []
imports = []
version = 2

[plugins]

  [plugins."io.containerd.grpc.v1.cri"]
    sandbox_image = "registry.k8s.io/pause:3.8"

    [plugins."io.containerd.grpc.v1.cri".cni]
      bin_dir = "/usr/lib/cni"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      sandbox_mode = "podsandbox"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        BinaryName = ""
        SystemdCgroup = false

    [plugins."io.containerd.grpc.v1.cri".registry]
      config_path = ""

      [plugins."io.containerd.grpc.v1.cri".registry.mirrors]

  [plugins."io.containerd.nri.v1.nri"]
    plugin_config_path = "/etc/nri/conf.d"
`;

/** A machine with systemd, Debian and no firewall, SELinux or NetworkManager, whatever the one below has. */
const machine = `mkdir -p /run/systemd/system /run/units /run/bin
PATH=$PATH:/run/bin
export SANDBOX
rm -rf /etc/os-release /etc/NetworkManager /etc/sysctl.d/zz-nodepools.conf /etc/apt/sources.list.d/* /etc/ssl/certs/ca-certificates.crt
printf 'ID=debian\\nVERSION_ID=13\\n' > /etc/os-release
cp /proc/swaps /run/swaps; sed -i 1q /run/swaps; mount --bind /run/swaps /proc/swaps
echo '/dev/sda1 / ext4 defaults 0 1' > /etc/fstab
`;

/** Makes the machine one of the RHEL family. */
export const rocky = `printf 'ID="rocky"\\nID_LIKE="rhel centos fedora"\\nVERSION_ID="9.4"\\n' > /etc/os-release\n`;

/** Makes the machine a node with the given kubelet, claimed by the stack when `owner` is given. */
export function node(kubelet: string, owner?: string): string {
  const claim = `mkdir -p /var/lib/nodepools; echo 'owner=${owner}' > /var/lib/nodepools/owner`;
  return `mkdir -p /etc/kubernetes; echo '    server: https://10.0.0.1:6443' > /etc/kubernetes/kubelet.conf
cp "$SANDBOX/fake-kubelet" /run/bin/kubelet; cp "$SANDBOX/fake-containerd" /run/bin/containerd; echo kubelet=${kubelet} > /run/versions
${owner === undefined ? "" : claim}\n`;
}

/** Stack of every plan here. */
export const owner = "org/project/stack";

/** Renders the sh text that prepares the machine with these options and says its exit status. */
export function prepare(options: Partial<PrepareOptions> = {}, change = (text: string) => text): string {
  const plan = planPreparation(owner, { kubernetes: "1.34.4", ...options });
  return `printf '%s' ${quoteForShell(change(renderPrepareInput(plan, program)))} | prepare; echo "status=$?"\n`;
}

/** Runs sh text on the machine. */
export function onMachine(text: string, more: Readonly<Record<string, string>> = {}): SandboxResult {
  const files = { prepare: runner, "containerd-default": containerdDefaults, ...pretenders, ...more };
  return runInSandbox(machine + text, files);
}
