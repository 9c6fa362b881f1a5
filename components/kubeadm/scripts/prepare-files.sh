# Files that the step before copied to the login's home: used only as they were declared.

# sudo keeps the working folder, which is that home.
files_folder=$(pwd -P)/.nodepools-files
copy_again="Delete $files_folder, then copy again: pulumi up --replace '**::<host>_files'"

# What others could exchange between a look at it and its use by root, below a path: what they own and what is neither
# file nor folder; what they may write to; and folders on the way to it. A sticky folder on the way, such as /tmp, lets
# nobody exchange what is another's.
foreign_in() { find "$1" \( ! -uid 0 ! -uid "${SUDO_UID:-0}" \) -o \( ! -type f ! -type d \); }
writable_in() { find "$1" ! -type l \( -perm -0002 -o \( -perm -0020 ! -gid 0 \) \); }
open_way_to() {
  way=$1
  until [ "$way" = / ]; do
    way=${way%/*}
    way=${way:-/}
    find "$way" -prune \( \( ! -uid 0 ! -uid "${SUDO_UID:-0}" \) -o \
      \( ! -perm -1000 \( -perm -0002 -o \( -perm -0020 ! -gid 0 \) \) \) \) -print
  done
}
few() { head -n 3 | tr '\n' ' '; }

# A list of names has one on each line.
refuse_line_breaks() {
  odd=$(find "$files_folder" -name '*
*' | few)
  [ -z "$odd" ] || problem "files: a name with a line break: $odd- $copy_again"
  stop_at_problems
}

delete_stale_files() {
  (cd "$files_folder" && find . -type f | sed 's|^\./||' | sort) > "$work/there"
  sed 's/^[0-9a-f]*  //' "$work/files" | sort > "$work/wanted"
  comm -23 "$work/there" "$work/wanted" > "$work/stale"
  while IFS= read -r stale; do
    rm "$files_folder/$stale"
    changed "deleted $files_folder/$stale, which is not among the declared files any more"
  done < "$work/stale"
}

check_files() {
  if [ ! -e "$files_folder" ]; then problem "files: $files_folder is not there. $copy_again"; fi
  stop_at_problems
  foreign=$({ foreign_in "$files_folder"; open_way_to "$files_folder"; } | few)
  if [ -n "$foreign" ]; then problem "files: others than this login may change $foreign- if it is a folder on the way there, take that right from them (chmod go-w). $copy_again"; fi
  stop_at_problems
  # From here on only root and the login can change what is in it.
  chmod 700 "$files_folder"
  chmod -R go= "$files_folder"
  refuse_line_breaks
  delete_stale_files
  if (cd "$files_folder" && sha256sum --check --quiet --strict "$work/files") > "$work/log" 2>&1; then return 0; fi
  problem "files: not as declared: $(sed -n 's/: FAILED.*//p' "$work/log" | few)- $copy_again"
  stop_at_problems
}

# require_trusted WHAT PATH: stops where others than root and this login could put something else; the real path is in $real.
require_trusted() {
  if ! real=$(readlink -e "$2"); then problem "$1: $2 is not on this host"; fi
  stop_at_problems
  theirs=$({ foreign_in "$real"; writable_in "$real"; open_way_to "$real"; } | few)
  [ -z "$theirs" ] || problem "$1: root would install what others may change: $theirs- make it root's (chown -R root, chmod -R go-w), or declare files, which are checked by their sums"
  stop_at_problems
}

# Takes packages and images from the files.
use_files() {
  if [ -z "$files" ]; then return 0; fi
  printf '%s\n' "$files" > "$work/files"
  check_files
  case $files in *'  packages/'*) package_folder=$files_folder/packages ;; esac
  image_archives="$image_archives
$(sed -n "s|^[0-9a-f]*  images/|$files_folder/images/|p" "$work/files")"
}
