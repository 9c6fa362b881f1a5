# What else runs on the host and would be in the way: clock, firewall, SELinux, NetworkManager.

time_units='chrony chronyd systemd-timesyncd ntpsec ntp ntpd'
time_unit() { for unit in $time_units; do if unit_exists "$unit.service"; then echo "$unit"; return; fi; done; }
# A container has the clock of the machine that runs it.
time_is_kept() {
  if in_container; then return 0; fi
  for unit in $time_units; do
    if systemctl --quiet is-active "$unit" && systemctl --quiet is-enabled "$unit" 2> /dev/null; then return 0; fi
  done
  return 1
}
keep_time() { systemctl enable --now "$(time_unit)"; }
tell_time() {
  if in_container || [ "$(timedatectl show -p NTPSynchronized --value)" = yes ]; then return 0; fi
  warn "the clock is not in sync yet: a host that is more than 30 s off cannot join. See timedatectl"
}

needed_ports='10250/tcp 30000-32767/tcp 30000-32767/udp'
# ufw writes a range with a colon.
ufw_is_on() { has ufw && ufw status | grep -q '^Status: active'; }
ufw_is_open() {
  for port in $needed_ports; do ufw status | grep -q "^$(echo "$port" | tr - :) *ALLOW" || return 1; done
}
open_ufw() { for port in $needed_ports; do ufw allow "$(echo "$port" | tr - :)"; done; }
firewalld_is_on() { has firewall-cmd && firewall-cmd --quiet --state 2> /dev/null; }
firewalld_is_open() {
  for port in $needed_ports; do
    firewall-cmd --quiet --query-port="$port" && firewall-cmd --quiet --permanent --query-port="$port" || return 1
  done
}
# Twice instead of --reload, which would drop every rule that is not firewalld's own.
open_firewalld() {
  for port in $needed_ports; do
    firewall-cmd --quiet --add-port="$port"
    firewall-cmd --quiet --permanent --add-port="$port"
  done
}
open_firewall() {
  if ufw_is_on; then
    ensure "ufw lets in $needed_ports" ufw_is_open open_ufw
    warn "ufw is active: allow what your network plugin needs as well"
  fi
  if firewalld_is_on; then
    ensure "firewalld lets in $needed_ports" firewalld_is_open open_firewalld
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
cloud_setup_units='nm-cloud-setup.timer nm-cloud-setup.service'
cloud_setup_is_off() {
  for unit in $cloud_setup_units; do ! unit_is_on "$unit" || return 1; done
}
turn_cloud_setup_off() {
  for unit in $cloud_setup_units; do systemctl disable --now "$unit"; done
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
