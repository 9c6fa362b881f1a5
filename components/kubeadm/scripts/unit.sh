# What systemd knows of a unit.

# read_unit UNIT: asks systemd once. Sets unit_file_state, what `systemctl is-enabled` says; unit_active; unit_users, what
# else brings it up; unit_pid; unit_start and unit_environment, what it is started with; and unit_environment_files, which
# have more of that.
read_unit() {
  unit_file_state='' unit_active='' unit_users='' unit_pid='' unit_start='' unit_environment='' unit_environment_files=''
  while IFS='=' read -r key value; do
    case $key in
      UnitFileState) unit_file_state=$value ;;
      ActiveState) unit_active=$value ;;
      WantedBy | RequiredBy | UpheldBy | TriggeredBy) unit_users=$unit_users$value ;;
      MainPID) unit_pid=$value ;;
      ExecStart) unit_start=$value ;;
      Environment) unit_environment=$value ;;
      EnvironmentFiles) unit_environment_files="$unit_environment_files${value% (ignore_errors=*}
" ;;
    esac
  done << END
$(systemctl show --property UnitFileState,ActiveState,WantedBy,RequiredBy,UpheldBy,TriggeredBy,MainPID,ExecStart,Environment,EnvironmentFiles "$1" 2> /dev/null)
END
}

is_unit_active() { [ "$unit_active" = active ]; }
# is_off_at_boot: nothing starts the unit that was read: neither is it enabled for good, nor may another unit bring it up.
is_off_at_boot() {
  case $unit_file_state in masked*) return 0 ;; disabled | linked* | *-runtime) ;; *) return 1 ;; esac
  [ -z "$unit_users" ]
}
