# How this host runs its kubelet: asked of that and of systemd, not guessed.

# What the kubelet is started with: the command line of the one that runs, else its unit and the files that this names.
kubelet_start() {
  pid=$(systemctl show --property MainPID --value kubelet.service 2> /dev/null) || pid=''
  case $pid in
    '' | 0 | *[!0-9]*) ;;
    *) if tr '\0' ' ' < "/proc/$pid/cmdline" 2> /dev/null; then return; fi ;;
  esac
  unit=$(systemctl cat kubelet.service 2> /dev/null) || return 0
  printf '%s\n' "$unit"
  printf '%s\n' "$unit" | sed -n 's/^EnvironmentFile=-\{0,1\}//p' | while IFS= read -r file; do
    [ ! -f "$file" ] || cat "$file"
  done
}
# kubelet_option NAME: its value there; the last one counts.
kubelet_option() { kubelet_start | grep -v '^ *#' | sed -n "s|.*--$1[= ]\"\{0,1\}\([^ \"']*\).*|\1|p" | tail -n 1; }

# The kubelet's folders with links resolved, as mounts show them: kubeadm's, and the root where that is another one.
kubelet_folders() {
  root=$(kubelet_option root-dir)
  { readlink -m /var/lib/kubelet; readlink -m "${root:-/var/lib/kubelet}"; } | uniq
}

# extra_flags: the last KUBELET_EXTRA_ARGS on stdin, without quotes around it.
extra_flags() { sed -n 's/^KUBELET_EXTRA_ARGS=//p' | tail -n 1 | sed "s/^\([\"']\)\(.*\)\1\$/\2/"; }

# What the kubelet says of the flags that this host adds to its own; nothing when it takes them. Files win over the unit.
kubelet_complaint() {
  for file in /etc/default/kubelet /etc/sysconfig/kubelet ''; do
    if [ -n "$file" ]; then
      flags=$([ ! -f "$file" ] || extra_flags < "$file")
    else
      file="the kubelet's unit (systemctl cat kubelet)"
      flags=$(systemctl show --property Environment --value kubelet.service 2> /dev/null | xargs -n 1 2> /dev/null | extra_flags)
    fi
    [ -n "$flags" ] || continue
    printf '%s\n' "$flags" | timeout -k 5 20 xargs kubelet --version 2>&1 | sed -n "s|.*\(unknown [a-z]* \{0,1\}flag: [^\" ]*\).*|\1 in $file|p" | head -n 1
    return
  done
}
