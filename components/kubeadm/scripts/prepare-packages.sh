# Which packages are missing, whatever the family; installing them is the family's own part.

# with_held_packages COMMAND...: runs it with what stays at its version as further arguments.
with_held_packages() { "$@" kubelet kubeadm kubernetes-cni cri-tools kubectl; }

# missing PROGRAM:PACKAGE...: the packages of those programs that are not there.
missing() { for pair in "$@"; do has "${pair%%:*}" || echo "${pair#*:}"; done; }
missing_system_packages() {
  with_programs missing
  has containerd || echo "$containerd_package"
  [ -n "$(time_unit)" ] || in_container || echo chrony
  [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -e /etc/pki/tls/certs/ca-bundle.crt ] || echo ca-certificates
}

missing_kubernetes_packages() {
  for package in kubelet kubeadm; do
    is_declared "$(installed_version "$package")" || versioned "$package"
  done
  [ -n "$(installed_version kubernetes-cni)" ] || echo kubernetes-cni
}

# Waits until no other package manager is at work; a first boot has several.
wait_for_packages() {
  if has cloud-init; then run 900 cloud-init status --wait || true; fi
  waited=0
  while holder=$(package_lock_holder) && [ -n "$holder" ]; do
    [ "$waited" != 0 ] || echo "waiting for $holder, which holds the package lock"
    if [ "$waited" -ge "$lock_seconds" ]; then
      problem "installing packages: $holder still holds the package lock after $lock_seconds s. Wait until it has ended, then run again"
      stop_at_problems
    fi
    sleep 2
    waited=$((waited + 2))
  done
}

# find_holder FILE...: names a process that may write to one of them, like `123 (unattended-upgr)`. Who can only read it,
# as any user can some, holds up nobody, nor does a container that has a file of that name.
find_holder() {
  for path in "$@"; do
    [ -e "$path" ] || continue
    link=$(find /proc/[0-9]*/fd -maxdepth 1 -perm -0200 -lname "$path" -exec test {} -ef "$path" \; -print -quit 2> /dev/null || true)
    if [ -n "$link" ]; then
      pid=${link#/proc/}
      pid=${pid%%/*}
      echo "process $pid ($(cat "/proc/$pid/comm" 2> /dev/null || true))"
      return
    fi
  done
}

trust_package_folder() {
  require_trusted packageFolder "$package_folder"
  package_folder=$real
}

install_packages() {
  if [ -z "$(missing_system_packages; missing_kubernetes_packages)" ] && ! is_interrupted; then return 0; fi
  [ -z "$package_folder" ] || trust_package_folder
  list_packages > "$work/before"
  wait_for_packages
  finish_installation
  if [ -n "$package_folder" ]; then
    install_folder
  else
    [ -z "$(missing_system_packages)" ] || install_system
    if [ -n "$(missing_kubernetes_packages)" ]; then
      add_repository
      install_kubernetes
    fi
  fi
  list_packages > "$work/after"
  new=$(comm -13 "$work/before" "$work/after" | tr '\n' ',' | sed 's/,$//; s/,/, /g')
  [ -z "$new" ] || changed "installed $new"
  still=$(missing_system_packages; missing_kubernetes_packages)
  [ -z "$still" ] || problem "installing packages: still missing: $(echo "$still" | tr '\n' ' ')"
  stop_at_problems
}

# The key's text is given, or its address, or it is where Kubernetes publishes it.
fetch_signing_key() {
  case ${signing_key:-$own_key} in
    http*) download "${signing_key:-$own_key}" "$work/key" && cat "$work/key" ;;
    *) printf '%s' "$signing_key" ;;
  esac
}
