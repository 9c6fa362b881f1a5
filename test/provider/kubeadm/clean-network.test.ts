// Network clean-up with the real iptables and ip, in a network namespace of its own: nothing foreign is touched.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runInSandbox } from "../../support/host-sandbox.ts";

const script = (name: string): string =>
  readFileSync(new URL(`../../../components/kubeadm/scripts/${name}.sh`, import.meta.url), "utf8");

const files = {
  clean: `set -eu\nwork=$(mktemp -d)\n${script("traces")}\n${script("clean-network")}\nclean_network\n`,
};

/** Rules of an administrator, of Docker and of a firewall, some of which only look like a cluster's. */
const foreign = `*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A POSTROUTING -s 192.168.9.0/24 -m comment --comment "replaces -j KUBE-POSTROUTING of 2019" -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:ADMIN - [0:0]
:MY-KUBE-RULES - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m comment --comment "say \\"hello\\" KUBE-" -j ADMIN
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A FORWARD -j MY-KUBE-RULES
-A ADMIN -s 10.1.2.3/32 -j DROP
COMMIT
`;

/** What kubelet, kube-proxy, Calico, flannel and the CNI plugins add, between and around the rules above. */
const ofCluster = `*nat
:KUBE-SERVICES - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-SVC-ABC - [0:0]
:CNI-1234567890abcdef - [0:0]
:CNI-HOSTPORT-DNAT - [0:0]
:cali-PREROUTING - [0:0]
:FLANNEL-POSTRTG - [0:0]
-I PREROUTING 1 -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-I PREROUTING 1 -m comment --comment "cali:6gwbT8clXdHdC1b1" -j cali-PREROUTING
-A OUTPUT -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
-I POSTROUTING 2 -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-A POSTROUTING -s 10.244.14.2/32 -m comment --comment "name: \\"lab0\\" id: \\"e225\\"" -j CNI-1234567890abcdef
-A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG
-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m tcp --dport 443 -j KUBE-SVC-ABC
-A KUBE-SVC-ABC -j RETURN
-A CNI-1234567890abcdef ! -d 224.0.0.0/4 -m comment --comment "name: \\"lab0\\" id: \\"e225\\"" -j MASQUERADE
COMMIT
*filter
:KUBE-FIREWALL - [0:0]
:cali-FORWARD - [0:0]
-I INPUT 2 -j KUBE-FIREWALL
-I FORWARD 1 -m comment --comment "cali:wUHhoiAYhphO9Mso" -j cali-FORWARD
-A FORWARD -m comment --comment "cali:S93hcgKJrXEqnTfs" -m mark --mark 0x10000/0x10000 -j ACCEPT
-A FORWARD -s 10.244.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT
-A cali-FORWARD -j KUBE-FIREWALL
COMMIT
*mangle
:KUBE-KUBELET-CANARY - [0:0]
COMMIT
`;

/** Addresses of the other family, for the same rules. */
const asIpv6 = (rules: string): string =>
  rules
    .replaceAll(/\d+\.\d+\.\d+\.\d+\/(8|16|24|4)/g, "fd00::/64")
    .replaceAll(/\d+\.\d+\.\d+\.\d+\/32/g, "fd00::1/128");

const rulesOf = (save: string): string => save.replaceAll(/^#.*\n/gm, "").replaceAll(/\[\d+:\d+\]/g, "[0:0]");

describe.each(["iptables-nft", "iptables-legacy", "ip6tables-nft", "ip6tables-legacy"])("%s", (tool) => {
  const rules = tool.startsWith("ip6") ? asIpv6 : (text: string) => text;
  const prepare = (text: string) => `${tool}-restore --noflush <<'RULES'\n${rules(text)}RULES\n`;
  const save = `echo ====; ${tool}-save -t nat; ${tool}-save -t filter`;

  it("J-26 keeps every foreign rule, its order and the policies, byte for byte", () => {
    const { stdout, stderr, status } = runInSandbox(
      `set -e\n${prepare(foreign)}\n${save}\n${prepare(ofCluster)}\n${save}\nclean\n${save}\n`,
      files,
    );
    expect(stderr.replaceAll(/^#.*\n/gm, "")).toBe("");
    expect(status).toBe(0);
    const [, before = "", during = "", after = ""] = stdout.split("====\n");
    expect(during).toContain("KUBE-SVC-ABC");
    expect(rulesOf(after)).toBe(rulesOf(before));
    expect(after).toContain("of 2019");
    expect(after).toContain(":INPUT DROP");
  });

  it("deletes every chain of the cluster, in all tables, and finds nothing the second time", () => {
    const count = `${tool}-save | grep -cE '^:(KUBE|cali|CNI|FLANNEL)-'`;
    const { stdout } = runInSandbox(
      `${prepare(foreign)}${prepare(ofCluster)}${count}\nclean\n${count}\necho again\nclean\n`,
      files,
    );
    expect(stdout).toBe(`10\ndeleted 10 chains and 10 rules from ${tool}\n0\nagain\n`);
  });
});

describe("beside networks of podman, nerdctl or Nomad", () => {
  it("chains and namespaces that may be theirs stay", () => {
    const chains = "iptables-nft-save | grep -oE '^:(KUBE|CNI)-[A-Z0-9a-f-]*' | sort -u";
    const { stdout } = runInSandbox(
      `iptables-nft-restore --noflush <<'RULES'\n${foreign}RULES\niptables-nft-restore --noflush <<'RULES'\n${ofCluster}RULES
       mkdir -p /var/lib/cni/networks/web /var/lib/cni/networks/cbr0
       ip netns add cni-0a1b-2c3d
       clean > /dev/null; ${chains}; ip netns list
       echo ====; rm -r /var/lib/cni/networks/web
       clean > /dev/null; ${chains}; ip netns list`,
      files,
    );
    const theirs = ":CNI-1234567890abcdef\n:CNI-HOSTPORT-DNAT\ncni-0a1b-2c3d\n";
    expect(stdout).toBe(`${theirs}====\n`);
  });
});

describe("routes on a host that ran Calico", () => {
  const routes = (bird: string) =>
    runInSandbox(
      `mkdir -p /run/calico; cp /bin/sleep /run/bird; cp /bin/sleep /run/birdsong
       ip link add lan type veth peer name far; ip link set far up; ip link set lan up; ip address add 192.0.2.2/24 dev lan
       ip route add default via 192.0.2.1 proto 12
       ip route add blackhole 10.244.9.0/26 proto 80; ip -6 route add blackhole fd00:9::/64 proto 80
       /run/${bird} 5 &
       sleep 0.2; clean; ip route show proto 12; ip route show proto 80; ip -6 route show proto 80; kill $!`,
      files,
    ).stdout;

  it("of a router of the host's own stay, Felix's go", () => {
    expect(routes("bird")).toBe("default via 192.0.2.1 dev lan \n");
  });

  it("of Calico's own router, which has ended, go as well", () => {
    expect(routes("birdsong")).toBe("");
  });
});

describe("routes on a host that ran flannel with its backend host-gw", () => {
  it("to the pods of other nodes go; all others stay", () => {
    const { stdout, stderr } = runInSandbox(
      `mkdir -p /run/flannel
       printf '%s\n' FLANNEL_NETWORK=10.244.0.0/16 FLANNEL_SUBNET=10.244.2.1/24 FLANNEL_IPV6_NETWORK=fd00:1::/48 > /run/flannel/subnet.env
       ip link add lan type veth peer name far; ip link set far up; ip link set lan up
       ip address add 192.0.2.2/24 dev lan; ip -6 address add fd00:9::2/64 dev lan nodad
       ip route add default via 192.0.2.1
       ip route add 10.244.0.0/16 via 192.0.2.9
       ip route add 10.244.8.0/24 via 192.0.2.9 proto static
       ip route add 10.245.1.0/24 via 192.0.2.9
       ip -6 route add fd00:2:0:1::/64 via fd00:9::9
       all() { ip route show; ip -6 route show table main proto boot; }
       all > /run/before
       ip route add 10.244.1.0/24 via 192.0.2.11; ip route add 10.244.3.0/24 via 192.0.2.13
       ip -6 route add fd00:1:0:3::/64 via fd00:9::13
       all | grep -cE '^(10.244.[13]|fd00:1:)'; clean; all | diff /run/before - && echo same`,
      files,
    );
    expect(stderr).toBe("");
    expect(stdout).toBe("3\nsame\n");
  });

  it("stay where flannel's file claims every address", () => {
    const { stdout } = runInSandbox(
      `mkdir -p /run/flannel; echo FLANNEL_NETWORK=0.0.0.0/0 > /run/flannel/subnet.env
       ip link add lan type veth peer name far; ip link set far up; ip link set lan up; ip address add 192.0.2.2/24 dev lan
       ip route add 10.1.0.0/16 via 192.0.2.1; clean; ip route show proto boot`,
      files,
    );
    expect(stdout).toBe("10.1.0.0/16 via 192.0.2.1 dev lan \n");
  });
});

describe("links", () => {
  it("J-26 of network plugins go, those that only look alike stay", () => {
    const { stdout, stderr } = runInSandbox(
      `ip link add cni0 type bridge
       ip link add flannel.1 type bridge
       ip link add flannel.4096 type bridge
       ip link add flannel.lan type bridge
       ip link add kube-bridge type bridge
       ip link add cali0123456789a type veth peer name peer0
       ip link add lxcbr0 type bridge
       ip link add lxcmine type veth peer name peer1
       ip link add cni-podman0 type bridge
       ip link add calico-admin type bridge
       ip netns add cni-0a1b-2c3d
       ip netns add admin
       clean | sort
       echo ====
       ip -o link show | sed 's/^[0-9]*: \\([^:@]*\\).*/\\1/' | sort
       ip netns list`,
      files,
    );
    expect(stderr).toBe("");
    expect(stdout.split("====\n")).toEqual([
      "deleted link cali0123456789a\ndeleted link cni0\ndeleted link flannel.1\ndeleted link flannel.4096\ndeleted link kube-bridge\n",
      "calico-admin\ncni-podman0\nflannel.lan\nlo\nlxcbr0\nlxcmine\npeer1\nadmin\n",
    ]);
  });
});
