# Packages of the RHEL family. Its base has no containerd: where no repository of the host offers one, Docker's is added.

dnf_family() {
  containerd_package=containerd
  own_key=$repository/rpm/repodata/repomd.xml.key
}

dnf_with_programs() {
  "$@" conntrack:conntrack-tools socat:socat ethtool:ethtool iptables:iptables-nft ip:iproute tc:iproute-tc modprobe:kmod
}
dnf_installed_version() { rpm -q --qf '%{VERSION}-%{RELEASE}\n' "$1" 2> /dev/null | grep -v ' ' || true; }
dnf_list_packages() { rpm -qa --qf '%{NAME} %{VERSION}-%{RELEASE}\n' | sort; }
dnf_versioned() { echo "$1-$kubernetes$(case $kubernetes in *.*.*) echo '-*' ;; *) echo '.*' ;; esac)"; }
dnf_lock_holder() { find_holder /var/lib/rpm/.rpm.lock /usr/lib/sysimage/rpm/.rpm.lock /run/dnf/*.lock; }

# dnf waits for other package managers by itself, and for ever.
dnf_ask() { timeout -k 10 300 dnf -q "$@" 9>&-; }
dnf_run() {
  what=$1
  shift
  run_or_fail "$what" 1200 dnf -y --setopt=install_weak_deps=False "$@"
}

# rpm undoes or finishes what was interrupted by itself.
dnf_is_interrupted() { false; }
dnf_finish_installation() { :; }

# RHEL 10 keeps br_netfilter and what iptables matches with in a package of its own (kops#18724). That of the running
# kernel: the newest one would bring a newer kernel along, and nothing for this one (k3s-ansible#536).
dnf_install_modules() {
  if bridge_filter_works || modprobe --quiet --dry-run br_netfilter; then return 0; fi
  package=kernel-modules-extra-$(uname -r)
  wait_for_packages
  if [ -n "$package_folder" ]; then
    trust_package_folder
    dnf_run "installing $package, which must be among the files" install --disablerepo=\* "$package_folder"/kernel-*.rpm
  else
    dnf_run "installing $package (if no source has it any more: update the kernel, reboot, run again)" install "$package"
  fi
  changed "installed $package"
}

dnf_install_system() {
  has containerd || dnf_find_containerd
  with_lines dnf_run "installing system packages" install << END
$(missing_system_packages)
END
}
# Finds the name under which containerd can be had.
dnf_find_containerd() {
  for containerd_package in containerd.io containerd; do
    status=0
    dnf_ask list --available "$containerd_package" > /dev/null 2>&1 || status=$?
    [ "$status" != 0 ] || return 0
    [ "$status" -lt 124 ] || {
      problem "asking dnf for $containerd_package: no answer after 300 s. End what else runs dnf on this host, then run again"
      stop_at_problems
    }
  done
  containerd_package=containerd.io
  # Part of this program: whoever could exchange the key where the packages come from could sign his own.
  key=/etc/pki/rpm-gpg/nodepools-docker.asc
  ensure_file "key of Docker's packages ($key)" "$key" "$docker_key"
  ensure_file "package source https://download.docker.com" /etc/yum.repos.d/nodepools-containerd.repo "[nodepools-containerd]
name=containerd for nodepools
baseurl=https://download.docker.com/linux/centos/\$releasever/\$basearch/stable
enabled=1
gpgcheck=1
gpgkey=file://$key
includepkgs=containerd.io
module_hotfixes=1"
}

dnf_add_repository() {
  file=/etc/yum.repos.d/nodepools-kubernetes.repo key=/etc/pki/rpm-gpg/nodepools-kubernetes.asc
  other=$(find /etc/yum.repos.d -type f -name '*.repo' ! -path "$file" -exec awk -v address="$repository/rpm" '
    function tell() { if (is_it && !is_off) print FILENAME; is_it = is_off = 0 }
    /^\[/ { tell() }
    index($0, address) && !/^ *#/ { is_it = 1 }
    /^enabled *= *0/ { is_off = 1 }
    END { tell() }' {} \; 2> /dev/null || true)
  [ -z "$other" ] || return 0
  text=$(fetch_signing_key)
  ensure_file "key of the Kubernetes packages ($key)" "$key" "$text"
  ensure_file "package source $repository/rpm/, out of reach of other updates" "$file" "[nodepools-kubernetes]
name=Kubernetes for nodepools
baseurl=$repository/rpm/
enabled=1
gpgcheck=1
gpgkey=file://$key
exclude=$(with_held_packages echo)
module_hotfixes=1"
}

# As apt is told to change what is held: an administrator's lock at another version would hide the declared one. Each lock
# is deleted by its own words: one with a pattern is no package's name to dnf 4. dnf 5 lists names.
dnf_locks() { dnf_ask versionlock list 2> /dev/null | sed -nE 's/^Package name: (kubelet|kubeadm)$/\1/p; /^(kubelet|kubeadm)-[0-9]/p'; }
dnf_is_unlocked() { [ -z "$(dnf_locks)" ]; }
dnf_unlock() {
  with_lines dnf_ask versionlock delete << END
$(dnf_locks)
END
}
dnf_install_kubernetes() {
  ensure "took kubelet and kubeadm out of versionlock, for the declared version" dnf_is_unlocked dnf_unlock
  # The third name is that of an administrator who followed Kubernetes' own page.
  with_lines dnf_run "installing Kubernetes packages" install --setopt=disable_excludes=main,nodepools-kubernetes,kubernetes << END
$(missing_kubernetes_packages)
END
}
dnf_install_folder() { dnf_run "installing $package_folder/*.rpm" install --disablerepo=\* "$package_folder"/*.rpm; }

dnf_are_held() {
  grep -rqsE '^exclude(pkgs)? *=.*kubelet' /etc/yum.repos.d /etc/dnf/dnf.conf ||
    { dnf_ask versionlock list 2> /dev/null | grep -q kubelet; }
}
dnf_hold() { with_held_packages dnf_ask versionlock add; }
