# Whatever changes this host holds one lock. flock needs no right to write: the file is where root alone can open it.
lock_file=/run/nodepools/lock
# take_lock SECONDS: fails when another still holds it then.
take_lock() {
  [ -d "${lock_file%/*}" ] || mkdir -m 700 "${lock_file%/*}" || [ -d "${lock_file%/*}" ]
  exec 9> "$lock_file"
  flock -w "$1" 9
}
is_locked() { [ -e "$lock_file" ] && ! flock -n "$lock_file" true; }
