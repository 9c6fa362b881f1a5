# Says no before anything is changed: on hosts of others, on nodes at work, on systems that are not known. All reasons at once.

# shellcheck source=/dev/null
os_ids() { (. /etc/os-release && echo "${ID:-} ${ID_LIKE:-}") | tr ' ' '\n'; }
# apt or dnf, by the distribution's own word and what is there.
package_family() {
  os_ids | while IFS= read -r id; do
    case $id in
      debian | ubuntu) if has apt-get; then echo apt; break; fi ;;
      rhel | centos | fedora | amzn) if has dnf; then echo dnf; break; fi ;;
    esac
  done
}

# is_declared VERSION: 1.34.4 and 1.34.4-1.1 are 1.34.4 and 1.34, 1.34.40 is only 1.34.
is_declared() {
  case ${1#v} in "$kubernetes" | "$kubernetes".* | "$kubernetes"-*) return 0 ;; esac
  return 1
}

refuse_foreign() {
  for trace in k3s:/etc/rancher/k3s k3s:/var/lib/rancher/k3s rke2:/etc/rancher/rke2 rke2:/var/lib/rancher/rke2 \
    k0s:/var/lib/k0s k0s:/etc/k0s microk8s:/var/snap/microk8s; do
    [ ! -e "${trace#*:}" ] || refuse "it runs ${trace%%:*} (${trace#*:}): uninstall that and delete this folder if it stays, or take the host out of the declaration"
  done
  for path in /etc/kubernetes/manifests/kube-apiserver.yaml /etc/kubernetes/manifests/etcd.yaml; do
    [ ! -e "$path" ] || refuse "it is a control-plane node ($path): take it out of the declaration"
  done
  read_marker
  if [ -n "$holder" ] && [ "$holder" != "$owner" ]; then
    refuse "it is claimed by stack \"$holder\": remove it from that stack first, or delete $marker when that stack is gone"
  fi
}

refuse_unsuitable() {
  [ -d /run/systemd/system ] || refuse "systemd does not run it: kubeadm needs systemd to run the kubelet"
  if [ -z "$family" ]; then
    # shellcheck source=/dev/null
    refuse "its system is $(. /etc/os-release && echo "$ID ${VERSION_ID:-}"): known are Debian, Ubuntu and their kin with apt, and the RHEL family with dnf. Prepare it by hand and declare prepare: none"
  fi
  for runtime in crio cri-docker; do
    ! unit_exists "$runtime.service" || refuse "it has another container runtime ($runtime.service), and containerd is what is set up here: remove that, or prepare the host by hand and declare prepare: none"
  done
  if unit_is_on fapolicyd.service; then
    refuse "fapolicyd is on: it denies every program that no package of the host brought, hence those in containers. Turn it off (systemctl disable --now fapolicyd), or let containers through in its rules, prepare the host by hand and declare prepare: none"
  fi
  for program in kubelet kubeadm; do
    path=$(command -v "$program" || true)
    case $path in
      /usr/local/* | /opt/*) refuse "$path is not from a package and would hide the one that is: delete it, or declare prepare: none" ;;
    esac
  done
}

stop_at_refusals() {
  [ -z "$refusals" ] || { echo "this host is not prepared, and nothing on it was changed:$refusals" >&2; exit 77; }
}

is_node() { [ -e /etc/kubernetes/kubelet.conf ]; }

# Another kubelet under running pods is an upgrade, with a drain and in an order: no preparation does that.
refuse_other_version() {
  server=$(sed -n 's/^ *server: *//p' /etc/kubernetes/kubelet.conf | head -n 1)
  version=$(kubelet --version 2> /dev/null | sed 's/^Kubernetes v//')
  if ! is_declared "$version"; then
    refuse "it is a node (of ${server:-an unknown API server}) with kubelet ${version:-of unknown version}, and $kubernetes is declared: a preparation never changes the version of a node. Declare its version, or take the host out, run up, and put it back"
  fi
}
