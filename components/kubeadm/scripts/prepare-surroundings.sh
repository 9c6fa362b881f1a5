# What else runs on the host and would be in the way: clock, firewall, SELinux, NetworkManager.

# with_time_units COMMAND...: runs it with what may keep the time as further arguments, first choice first.
with_time_units() { "$@" chrony chronyd systemd-timesyncd ntpsec ntp ntpd; }
first_unit() { for unit in "$@"; do if unit_exists "$unit.service"; then echo "$unit"; return; fi; done; }
time_unit() { with_time_units first_unit; }
one_is_on() {
  for unit in "$@"; do
    if systemctl --quiet is-active "$unit" && systemctl --quiet is-enabled "$unit" 2> /dev/null; then return 0; fi
  done
  return 1
}
# A container has the clock of the machine that runs it.
time_is_kept() { in_container || with_time_units one_is_on; }
keep_time() { systemctl enable --now "$(time_unit)"; }
tell_time() {
  if in_container || [ "$(timedatectl show -p NTPSynchronized --value)" = yes ]; then return 0; fi
  warn "the clock is not in sync yet: a host that is more than 30 s off cannot join. See timedatectl"
}

# with_ports COMMAND...: runs it with the ports that must be reached as further arguments.
with_ports() { "$@" 10250/tcp 30000-32767/tcp 30000-32767/udp; }
# ufw writes a range with a colon.
ufw_is_on() { has ufw && ufw status | grep -q '^Status: active'; }
ufw_lets_in() {
  for port in "$@"; do ufw status | grep -q "^$(echo "$port" | tr - :) *ALLOW" || return 1; done
}
ufw_is_open() { with_ports ufw_lets_in; }
ufw_allow() { for port in "$@"; do ufw allow "$(echo "$port" | tr - :)"; done; }
open_ufw() { with_ports ufw_allow; }
firewalld_is_on() { has firewall-cmd && firewall-cmd --quiet --state 2> /dev/null; }
firewalld_lets_in() {
  for port in "$@"; do
    firewall-cmd --quiet --query-port="$port" && firewall-cmd --quiet --permanent --query-port="$port" || return 1
  done
}
firewalld_is_open() { with_ports firewalld_lets_in; }
# Twice instead of --reload, which would drop every rule that is not firewalld's own.
firewalld_allow() {
  for port in "$@"; do
    firewall-cmd --quiet --add-port="$port"
    firewall-cmd --quiet --permanent --add-port="$port"
  done
}
open_firewalld() { with_ports firewalld_allow; }
open_firewall() {
  if ufw_is_on; then
    ensure "ufw lets in $(with_ports echo)" ufw_is_open open_ufw
    warn "ufw is active: allow what your network plugin needs as well"
  fi
  if firewalld_is_on; then
    ensure "firewalld lets in $(with_ports echo)" firewalld_is_open open_firewalld
    warn "firewalld is active: allow what your network plugin needs as well"
  fi
}

# Permissive is what kubeadm's installation page asks for: pods must reach the host's files, and no policy here allows that.
selinux_is_permissive() {
  if ! has getenforce || [ "$(getenforce)" = Disabled ]; then return 0; fi
  [ "$(getenforce)" = Permissive ] && ! grep -q '^SELINUX=enforcing' /etc/selinux/config
}
make_selinux_permissive() {
  setenforce 0
  sed -i 's/^SELINUX=enforcing$/SELINUX=permissive/' /etc/selinux/config
}

# NetworkManager takes the routes away from links that it manages
# (https://docs.tigera.io/calico/latest/operations/troubleshoot/troubleshooting#configure-networkmanager).
leave_links_alone() {
  [ -d /etc/NetworkManager ] || return 0
  links=''
  for link in 'cni*' 'flannel*' 'cali*' 'tunl*' 'vxlan.calico' 'vxlan-v6.calico' 'wireguard.cali' 'cilium_*' 'lxc*' 'veth*' kube-ipvs0 nodelocaldns; do
    links="$links;interface-name:$link"
  done
  before=$changes
  ensure_file "NetworkManager leaves the network plugin's links alone" /etc/NetworkManager/conf.d/90-nodepools.conf \
    "[keyfile]
unmanaged-devices+=${links#;}"
  if [ "$changes" != "$before" ] && systemctl --quiet is-active NetworkManager; then
    run_or_fail "reloading NetworkManager" 60 nmcli general reload conf
  fi
}

# It gives the cloud's further addresses of a host routing rules of their own, which take the pods' packets
# (https://docs.rke2.io/known_issues#networkmanager).
cloud_setup_is_off() { ! unit_is_on nm-cloud-setup.timer && ! unit_is_on nm-cloud-setup.service; }
turn_cloud_setup_off() {
  systemctl disable --now nm-cloud-setup.timer
  systemctl disable --now nm-cloud-setup.service
}
cloud_setup_rules() { ip rule 2> /dev/null | grep -E '^30[24][0-9]{2}:'; }
keep_routes_to_pods() {
  ensure "nm-cloud-setup is off, now and after a reboot" cloud_setup_is_off turn_cloud_setup_off
  if unit_exists nm-cloud-setup.service && cloud_setup_rules > /dev/null; then
    problem "routes: rules of nm-cloud-setup are still in force, and it is off: reboot the host, then run again"
  fi
}

prepare_surroundings() {
  ensure "time is kept by $(time_unit)" time_is_kept keep_time
  tell_time
  open_firewall
  [ "$selinux" = keep ] || ensure "SELinux is permissive, now and after a reboot" selinux_is_permissive make_selinux_permissive
  leave_links_alone
  keep_routes_to_pods
}
