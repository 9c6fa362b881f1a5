# Packages of Debian, Ubuntu and their kin.
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1

apt_family() {
  containerd_package=containerd
  own_key=$repository/deb/Release.key
}

apt_with_programs() { "$@" conntrack:conntrack socat:socat ethtool:ethtool iptables:iptables ip:iproute2 modprobe:kmod; }
apt_installed_version() {
  # shellcheck disable=SC2016 # dpkg's own variables
  dpkg-query -W -f '${db:Status-Status} ${Version}\n' "$1" 2> /dev/null | sed -n 's/^installed //p'
}
apt_list_packages() {
  # shellcheck disable=SC2016
  dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' | sed -n 's/^installed //p' | sort
}
apt_versioned() { echo "$1=$kubernetes$(case $kubernetes in *.*.*) echo '-*' ;; *) echo '.*' ;; esac)"; }
apt_lock_holder() {
  find_holder /var/lib/dpkg/lock* /var/lib/apt/lists/lock /var/cache/apt/archives/lock
}

# Between the wait and apt's own lock somebody else may be quicker: apt then waits for dpkg's lock, and this for the rest.
apt() {
  what=$1
  shift
  tries=0
  until run 1200 apt-get -y -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confold "$@"; do
    tries=$((tries + 1))
    if [ "$tries" -ge 3 ] || [ -z "$(apt_lock_holder)" ]; then
      problem "$what: $(last_words)"
      stop_at_problems
    fi
    wait_for_packages
  done
}

apt_install() {
  what=$1
  shift
  apt "$what" install --fix-broken --no-install-recommends --allow-downgrades --allow-change-held-packages "$@"
}

# Not `dpkg --audit`: that also complains for ever of packages which were built without md5sums.
# shellcheck disable=SC2016
apt_states() { dpkg-query -W -f '${db:Status-Status} ${db:Status-Eflag} ${binary:Package}\n'; }
apt_half_unpacked() { apt_states | sed -nE 's/^(half-installed [^ ]+|[^ ]+ reinstreq) //p'; }
apt_unfinished() {
  apt_half_unpacked
  apt_states | sed -nE 's/^(unpacked|half-configured|triggers-awaited|triggers-pending) ok //p'
}
apt_is_interrupted() { [ -n "$(apt_unfinished)" ]; }

# After a power cut in the middle of an installation apt does nothing until dpkg has configured what it can. What was cut
# while it was unpacked must be installed again.
apt_finish_installation() {
  apt_is_interrupted || return 0
  run 900 dpkg --force-confold --configure -a || true
  half_unpacked=$(apt_half_unpacked)
  if [ -n "$half_unpacked" ] && [ -n "$package_folder" ]; then
    apt_install_folder --reinstall
  elif [ -n "$half_unpacked" ]; then
    apt "reading the package lists" update
    with_lines apt_install "finishing an interrupted installation" --reinstall << END
$half_unpacked
END
  fi
  if apt_is_interrupted; then
    problem "finishing an interrupted installation: $(last_words)"
    stop_at_problems
  fi
  changed "finished an interrupted installation"
}

# Debian's and Ubuntu's kernels bring what is needed.
apt_install_modules() { :; }

apt_install_system() {
  apt "reading the package lists" update
  with_lines apt_install "installing system packages" << END
$(missing_system_packages)
END
}

# An administrator's own entry for the same address stays as it is: apt refuses a second one with another key.
apt_add_repository() {
  list=/etc/apt/sources.list.d/nodepools-kubernetes.list key=/etc/apt/keyrings/nodepools-kubernetes.asc
  other=$(find /etc/apt/sources.list /etc/apt/sources.list.d -type f \( -name '*.list' -o -name '*.sources' \) ! -path "$list" \
    -exec awk -v address="$repository/deb" 'index($0, address) && !/^ *#/ { print FILENAME }' {} + 2> /dev/null || true)
  [ -z "$other" ] || return 0
  text=$(fetch_signing_key)
  ensure_file "key of the Kubernetes packages ($key)" "$key" "$text"
  ensure_file "package source $repository/deb/" "$list" "deb [signed-by=$key] $repository/deb/ /"
}
apt_install_kubernetes() {
  apt "reading the package lists" update
  with_lines apt_install "installing Kubernetes packages" << END
$(missing_kubernetes_packages)
END
}
# Without sources nothing can be fetched; --no-download would refuse the folder's own files as well.
apt_install_folder() {
  apt_install "installing $package_folder/*.deb" "$@" -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=/dev/null \
    "$package_folder"/*.deb
}

apt_not_held() {
  for package in "$@"; do
    [ -z "$(apt_installed_version "$package")" ] || apt-mark showhold | grep -qx "$package" || echo "$package"
  done
}
apt_unheld() { with_held_packages apt_not_held; }
apt_are_held() { [ -z "$(apt_unheld)" ]; }
apt_hold() {
  with_lines apt-mark hold << END
$(apt_unheld)
END
}
