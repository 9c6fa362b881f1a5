# Leaves a join on this host. On stdin: the size of its program in bytes, the program, and the rest is its configuration.
set -eu
umask 077
read -r size
take_lock 30 || { echo "a join or reset is at work on this host: wait until it has ended" >&2; exit 75; }
forget_join
mkdir -p "${join_program%/*}"
head -c "$size" > "$join_program.new"
if [ "$(wc -c < "$join_program.new")" -ne "$size" ]; then
  forget_join
  echo "the program of the join was cut off" >&2
  exit 65
fi
cat > "$join_input.new"
sync "$join_program.new"
mv "$join_program.new" "$join_program"
mv "$join_input.new" "$join_input"
