# Removes what a cluster's network plugin and proxy put into the kernel, and nothing else: no table is flushed.

# Podman, nerdctl and Nomad have chains of the same plugins, which none of them can be told by.
chain_names() { if has_foreign_networks; then echo 'KUBE-|cali-|CILIUM_|OLD_CILIUM_|FLANNEL-'; else echo 'KUBE-|cali-|CNI-|CILIUM_|OLD_CILIUM_|FLANNEL-'; fi; }

# Reads iptables-save, writes what iptables-restore --noflush needs to delete our chains and the rules that lead to them.
deletions() {
  awk -v names="$chains" '
    function ours(chain) { return chain ~ "^(" names ")" }
    function leads(rule) {
      if (rule ~ /--comment "?(cali:|flanneld |NodeLocal DNS Cache)/) return 1
      gsub(/"([^"\\]|\\.)*"/, "", rule)
      return rule ~ " -[jg] (" names ")"
    }
    /^\*/ { table = $0; rules = flushes = drops = "" }
    /^:/ { chain = substr($1, 2); if (ours(chain)) { flushes = flushes "-F " chain "\n"; drops = drops "-X " chain "\n" } }
    /^-A / { if (!ours($2) && leads($0)) rules = rules "-D" substr($0, 3) "\n" }
    /^COMMIT/ { if (rules flushes != "") printf "%s\n%s%s%sCOMMIT\n", table, rules, flushes, drops }
  '
}

# Both backends may hold rules, whichever one the plain name stands for.
clean_iptables() {
  chains=$(chain_names)
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
    nft list tables | grep -E '^table (ip6? (kube-proxy|calico|flannel-ipv[46])|arp calico-arp)$' | while read -r _ family name; do
      nft delete table "$family" "$name"
    done
  fi
  # Only kube-proxy makes this link; without it the virtual servers are somebody else's.
  if ip link show kube-ipvs0 > /dev/null 2>&1 && command -v ipvsadm > /dev/null; then ipvsadm -C; fi
}

clean_sets() {
  command -v ipset > /dev/null || return 0
  ipset list -n | grep -E '^(KUBE-|cali[46]0)' | while IFS= read -r set; do ipset destroy "$set"; done
}

# Felix marks its routes with protocol 80, its BIRD with 12, as any other BIRD does: Calico's has ended by now.
clean_calico_routes() {
  set -- 80 12
  if host_process -x 'bird6?'; then set -- 80; fi
  for family in -4 -6; do
    for protocol in "$@"; do
      [ -z "$(ip "$family" route show table main proto "$protocol")" ] || ip "$family" route flush table main proto "$protocol"
    done
  done
}

# With its backend host-gw, flannel leads to the pods of each other node through that node: no link of its own takes
# these routes along. One of them would take the pods' packets if the host gets that node's addresses at its next join.
# Its file says which addresses are its own; a route to all of them is not, nor is one that somebody's daemon keeps.
clean_flannel_routes() {
  [ -f /run/flannel/subnet.env ] || return 0
  sed -n 's/^FLANNEL_NETWORK=/-4 /p; s/^FLANNEL_IPV6_NETWORK=/-6 /p' /run/flannel/subnet.env | while read -r family ranges; do
    echo "$ranges" | tr ',' '\n' | grep -E '^[0-9a-f.:]+/([89]|[1-9][0-9]+)$' | while read -r range; do
      ip "$family" route show table main root "$range" proto boot |
        awk -v all="$range" '$1 ~ "/" && $1 != all && $2 == "via" { print $1, $3 }' |
        while read -r pods gateway; do ip "$family" route delete "$pods" via "$gateway" table main proto boot; done
    done
  done
}

clean_links() {
  if [ -e /run/calico ] || cni_links | grep -q cali; then clean_calico_routes; fi
  clean_flannel_routes
  has_foreign_networks || ip netns list | sed -n 's/^\(cni-[0-9a-f-]*\).*/\1/p' | while IFS= read -r namespace; do ip netns delete "$namespace"; done
  cni_links | while IFS= read -r link; do
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
