// What a host's kernel and folders hold of networks, and what others than the cluster put there.
import { onHost } from "../support/test-lab.ts";

/** Reads it as lines that can be compared: rules without counters, and nothing of what any boot brings. */
export async function kernelStateOf(name: string): Promise<string[]> {
  const state = await onHost(
    name,
    `
    for tool in iptables ip6tables; do
      "$tool-save" 2> /dev/null | sed -n "s/ \\[[0-9:]*\\]$//; /^:.* ACCEPT$/d; /^[:-]/p"
    done
    nft list tables | grep -vE '^table ip6? (raw|mangle|nat|filter|security)$'
    ipset list -n
    ip -o link show | sed -n 's/^[0-9]*: \\([^:@]*\\)[:@].*/link \\1/p'
    ip -4 route show table main | sed 's/^/route /'
    ip netns list | sed 's/^/netns /'
    find /run/flannel /etc/cni/net.d /var/lib/cni -not -type d 2> /dev/null
    true`,
  );
  return state.split("\n").map((line) => line.trim());
}

/**
 * Puts onto a host what is nobody's but its administrator's: rules of their own and those of Docker, whose default for
 * forwarded packets is to drop them, and a container of an engine that uses the same CNI plugins as the cluster.
 */
export async function plantForeignNetworks(name: string): Promise<void> {
  await onHost(
    name,
    `set -e
    iptables-restore --noflush << 'RULES'
${foreignRules}RULES
    ip netns add engine
    mkdir -p /etc/engine
    echo '${JSON.stringify(engineNetwork)}' |
      CNI_COMMAND=ADD CNI_CONTAINERID=engine CNI_NETNS=/run/netns/engine CNI_IFNAME=eth0 CNI_PATH=/usr/lib/cni \
        /usr/lib/cni/bridge > /etc/engine/result.json`,
  );
}

const engineNetwork = {
  cniVersion: "1.0.0",
  name: "podman",
  type: "bridge",
  bridge: "cni-podman0",
  isGateway: true,
  ipMasq: true,
  ipam: { type: "host-local", ranges: [[{ subnet: "10.88.0.0/16" }]], routes: [{ dst: "0.0.0.0/0" }] },
};

const foreignRules = `*nat
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A POSTROUTING -s 192.168.9.0/24 -m comment --comment "office, not KUBE-POSTROUTING" -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
COMMIT
*filter
:FORWARD DROP [0:0]
:ADMIN - [0:0]
:DOCKER-USER - [0:0]
-A INPUT -p tcp -m tcp --dport 9100 -j ADMIN
-A FORWARD -j DOCKER-USER
-A DOCKER-USER -j RETURN
-A ADMIN -s 192.0.2.0/24 -j DROP
COMMIT
`;
