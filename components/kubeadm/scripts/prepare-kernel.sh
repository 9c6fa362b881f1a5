# Swap off, kernel modules and settings: now and after a reboot.

swap_in_fstab() { [ -e /etc/fstab ] && awk '!/^[[:space:]]*#/ && $3 == "swap" { found = 1 } END { exit !found }' /etc/fstab; }
# Units come from fstab, from partition types and from zram generators; all of them are started by this one target.
swap_units() { systemctl list-units --all --plain --no-legend --type=swap 2> /dev/null | grep -q '\.swap'; }
is_masked() { [ "$(systemctl is-enabled "$1" 2> /dev/null)" = masked ]; }
# A container shows the swap of the machine that runs it.
swap_is_off() {
  if in_container; then return 0; fi
  ! grep -q '^/' /proc/swaps && ! swap_in_fstab && { ! swap_units || is_masked swap.target; }
}
turn_swap_off() {
  swapoff -a
  if swap_in_fstab; then
    # shellcheck disable=SC2016 # awk's own variables
    awk '!/^[[:space:]]*#/ && $3 == "swap" { printf "# off for the kubelet: " } { print }' /etc/fstab > "$work/fstab"
    cat "$work/fstab" > /etc/fstab
  fi
  if swap_units; then systemctl mask swap.target; fi
  systemctl daemon-reload
}

# A module that is built in is nowhere listed: what it does is looked for.
overlay_works() { grep -qw overlay /proc/filesystems; }
bridge_filter_works() { [ -e /proc/sys/net/bridge/bridge-nf-call-iptables ]; }
load_overlay() { modprobe overlay; }
load_bridge_filter() { modprobe br_netfilter; }
# What a kernel has no module for, it has built in: to load that at boot would fail.
loadable_modules() {
  for module in overlay br_netfilter; do
    if has modprobe && modprobe --quiet --dry-run "$module"; then echo "$module"; fi
  done
}

# with_settings COMMAND...: runs it with the kernel settings that must be 1 as further arguments.
with_settings() { "$@" net.ipv4.ip_forward net.bridge.bridge-nf-call-iptables net.bridge.bridge-nf-call-ip6tables; }
setting_file() { echo "/proc/sys/$(echo "$1" | tr . /)"; }
are_on() {
  for setting in "$@"; do
    [ "$(cat "$(setting_file "$setting")" 2> /dev/null)" = 1 ] || return 1
  done
}
settings_are_on() { with_settings are_on; }
turn_on() {
  for setting in "$@"; do
    file=$(setting_file "$setting")
    [ "$(cat "$file")" = 1 ] || echo 1 > "$file"
  done
}
turn_settings_on() { with_settings turn_on; }

prepare_kernel() {
  ensure "swap is off, now and after a reboot" swap_is_off turn_swap_off
  ensure "kernel module overlay is loaded" overlay_works load_overlay
  ensure "kernel module br_netfilter is loaded" bridge_filter_works load_bridge_filter
  modules=$(loadable_modules)
  [ -z "$modules" ] || ensure_file "kernel modules are loaded at boot (/etc/modules-load.d/nodepools.conf)" \
    /etc/modules-load.d/nodepools.conf "$modules"
  ensure "packets are forwarded and bridged packets pass iptables" settings_are_on turn_settings_on
  # The name sorts after every 99-*.conf: the last file wins at boot.
  ensure_file "kernel settings are set at boot (/etc/sysctl.d/zz-nodepools.conf)" /etc/sysctl.d/zz-nodepools.conf \
    "$(with_settings printf '%s = 1\n')"
}
