# How this host runs its kubelet: asked of that and of systemd, not guessed.

# read_unit UNIT: asks systemd once. Sets unit_file, what `systemctl is-enabled` says; unit_active; unit_users, what else
# brings it up; unit_pid; unit_start and unit_environment, what it is started with; and unit_files, more of that.
read_unit() {
  unit_file='' unit_active='' unit_users='' unit_pid='' unit_start='' unit_environment='' unit_files=''
  while IFS='=' read -r key value; do
    case $key in
      UnitFileState) unit_file=$value ;;
      ActiveState) unit_active=$value ;;
      WantedBy | RequiredBy | UpheldBy | TriggeredBy) unit_users=$unit_users$value ;;
      MainPID) unit_pid=$value ;;
      ExecStart) unit_start=$value ;;
      Environment) unit_environment=$value ;;
      EnvironmentFiles) unit_files="$unit_files${value% (ignore_errors=*}
" ;;
    esac
  done << END
$(systemctl show --property UnitFileState,ActiveState,WantedBy,RequiredBy,UpheldBy,TriggeredBy,MainPID,ExecStart,Environment,EnvironmentFiles "$1" 2> /dev/null)
END
}

is_unit_active() { [ "$unit_active" = active ]; }
# is_off_at_boot: nothing starts the unit that was read: neither is it enabled for good, nor may another unit bring it up.
is_off_at_boot() {
  case $unit_file in masked*) return 0 ;; disabled | linked* | *-runtime) ;; *) return 1 ;; esac
  [ -z "$unit_users" ]
}

# What the kubelet is started with: the command line of the one that runs, else its unit and the files that this names.
print_kubelet_start() {
  case $unit_pid in
    '' | 0 | *[!0-9]*) ;;
    *) if tr '\0' ' ' < "/proc/$unit_pid/cmdline" 2> /dev/null; then return; fi ;;
  esac
  printf '%s\n' "$unit_start" "$unit_environment"
  printf '%s' "$unit_files" | while IFS= read -r file; do
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
