# Removes what a cluster's network plugin and proxy put into the kernel, and nothing else: no table is flushed.

# Reads iptables-save, writes what iptables-restore --noflush needs to delete our chains and the rules that lead to them.
deletions() {
  awk '
    function ours(chain) { return chain ~ /^(KUBE-|cali-|CNI-|CILIUM_|OLD_CILIUM_|FLANNEL-)/ }
    function leads(rule) {
      if (rule ~ /--comment "?(cali:|flanneld |NodeLocal DNS Cache)/) return 1
      gsub(/"([^"\\]|\\.)*"/, "", rule)
      return rule ~ / -[jg] (KUBE-|cali-|CNI-|CILIUM_|OLD_CILIUM_|FLANNEL-)/
    }
    /^\*/ { table = $0; rules = flushes = drops = "" }
    /^:/ { chain = substr($1, 2); if (ours(chain)) { flushes = flushes "-F " chain "\n"; drops = drops "-X " chain "\n" } }
    /^-A / { if (!ours($2) && leads($0)) rules = rules "-D" substr($0, 3) "\n" }
    /^COMMIT/ { if (rules flushes != "") printf "%s\n%s%s%sCOMMIT\n", table, rules, flushes, drops }
  '
}

# Both backends may hold rules, whichever one the plain name stands for.
clean_iptables() {
  for tool in iptables-nft iptables-legacy iptables ip6tables-nft ip6tables-legacy ip6tables; do
    command -v "$tool-save" > /dev/null || continue
    "$tool-save" | deletions > "$work/rules"
    [ -s "$work/rules" ] || continue
    "$tool-restore" --noflush -w 30 < "$work/rules"
    echo "deleted $(grep -c '^-X' "$work/rules") chains and $(grep -c '^-D' "$work/rules") rules from $tool"
    if "$tool-save" | deletions | grep -q .; then
      echo "$tool: chains of the cluster are back: does something on this host still write them?" >&2
      return 1
    fi
  done
}

clean_proxy() {
  if command -v nft > /dev/null; then
    nft list tables | grep -E '^table (ip|ip6) kube-proxy$' | while read -r _ family name; do
      nft delete table "$family" "$name"
    done
  fi
  # Only kube-proxy makes this link; without it the virtual servers are somebody else's.
  if ip link show kube-ipvs0 > /dev/null 2>&1 && command -v ipvsadm > /dev/null; then ipvsadm -C; fi
}

clean_sets() {
  command -v ipset > /dev/null || return 0
  ipset list -n | grep -E '^(KUBE-|cali[46]0)' | while read -r set; do ipset destroy "$set"; done
}

clean_links() {
  # Calico's routes have their own protocols; elsewhere these may be a router's.
  if [ -e /run/calico ] || cni_links | grep -q cali; then
    for protocol in 12 80; do
      [ -z "$(ip route show proto "$protocol")" ] || ip route flush proto "$protocol"
    done
  fi
  ip netns list | sed -n 's/^\(cni-[0-9a-f-]*\).*/\1/p' | while read -r namespace; do ip netns delete "$namespace"; done
  for link in $(cni_links); do
    # A link may have gone with its peer.
    if ip link show "$link" > /dev/null 2>&1; then
      ip link delete "$link"
      echo "deleted link $link"
    fi
  done
}

clean_network() {
  clean_proxy
  clean_links
  clean_iptables
  clean_sets
}
