# How this host runs its kubelet: asked of that and of systemd, not guessed.

# What the kubelet is started with: the command line of the one that runs, else its unit and the files that this names.
print_kubelet_start() {
  case $unit_pid in
    '' | 0 | *[!0-9]*) ;;
    *) if tr '\0' ' ' < "/proc/$unit_pid/cmdline" 2> /dev/null; then return; fi ;;
  esac
  printf '%s\n' "$unit_start" "$unit_environment"
  printf '%s' "$unit_environment_files" | while IFS= read -r file; do
    [ ! -f "$file" ] || grep -v '^ *#' "$file" || true
  done
}
# Before anything else here: one look at the kubelet serves all questions.
read_kubelet() {
  read_unit kubelet.service
  kubelet_start=$(print_kubelet_start)
  kubelet_environment=$unit_environment
}
# kubelet_option NAME: its value there; the last one counts.
kubelet_option() {
  case $kubelet_start in *"--$1"*) printf '%s\n' "$kubelet_start" | sed -n "s|.*--$1[= ]\"\{0,1\}\([^ \"']*\).*|\1|p" | tail -n 1 ;; esac
}

# The kubelet's folders with links resolved, as mounts show them: kubeadm's, and the root where that is another one.
kubelet_folders() {
  root=$(kubelet_option root-dir)
  { readlink -m /var/lib/kubelet; [ -z "$root" ] || readlink -m "$root"; } | uniq
}

# extra_flags: the last KUBELET_EXTRA_ARGS on stdin, without quotes around it.
extra_flags() { sed -n 's/^KUBELET_EXTRA_ARGS=//p' | tail -n 1 | sed "s/^\([\"']\)\(.*\)\1\$/\2/"; }

# What the kubelet says of the flags that this host adds to its own; nothing when it takes them. Files win over the unit.
kubelet_complaint() {
  for file in /etc/default/kubelet /etc/sysconfig/kubelet ''; do
    flags=''
    if [ -n "$file" ]; then
      [ ! -f "$file" ] || flags=$(extra_flags < "$file")
    else
      file="the kubelet's unit (systemctl cat kubelet)"
      case $kubelet_environment in
        *KUBELET_EXTRA_ARGS=*) flags=$(printf '%s\n' "$kubelet_environment" | xargs -n 1 2> /dev/null | extra_flags) ;;
      esac
    fi
    [ -n "$flags" ] || continue
    printf '%s\n' "$flags" | timeout -k 5 20 xargs kubelet --version 2>&1 | sed -n "s|.*\(unknown [a-z]* \{0,1\}flag: [^\" ]*\).*|\1 in $file|p" | head -n 1
    return
  done
}
