# Files that the step before copied to the login's home: used only as they were declared.

# sudo keeps the working folder, which is that home.
files_folder=$(pwd -P)/.nodepools-files
copy_again="Delete $files_folder, then copy again: pulumi up --replace '**::<host>_files'"

# What others own, and what is neither file nor folder, could be exchanged after the check.
foreign_files() { find "$files_folder" \( ! -uid 0 ! -uid "${SUDO_UID:-0}" \) -o \( ! -type f ! -type d \); }

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
  foreign=$(foreign_files | head -n 3 | tr '\n' ' ')
  if [ -n "$foreign" ]; then problem "files: not from this login alone: $foreign- $copy_again"; fi
  stop_at_problems
  # From here on only root and the login can change what is in it.
  chmod 700 "$files_folder"
  delete_stale_files
  if (cd "$files_folder" && sha256sum --check --quiet --strict "$work/files") > "$work/log" 2>&1; then return 0; fi
  problem "files: not as declared: $(sed -n 's/: FAILED.*//p' "$work/log" | head -n 3 | tr '\n' ' ')- $copy_again"
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
