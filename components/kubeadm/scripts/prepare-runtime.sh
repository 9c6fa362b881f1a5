# containerd as the kubelet needs it, the services, and the images that are to be there.

certificates_folder=/etc/containerd/certs.d
config_file=/etc/containerd/config.toml

# The whole effective configuration; without the names of the files that it was read from, which are in it already.
config_dump() { containerd ${1:+--config "$1"} config dump 2> "$work/containerd.log" | grep -v '^imports = '; }
# Without its CRI plugin, as Docker's package leaves it (https://github.com/containerd/containerd/issues/8139),
# containerd does not even show that plugin's settings: the file is read as if it were enabled.
enable_cri() {
  if [ -e "$config_file" ]; then
    sed -E "/^disabled_plugins *= */s/[\"'](io\.containerd\.grpc\.v1\.)?cri[\"'](, *)?//" "$config_file"
  fi
}
# Registry mirrors and certificates of the old form exclude those of the folder: the CRI plugin would not load.
old_mirrors() { grep -qE '^ *\[.*registry\.(mirrors\.|configs\..*\.tls\])' "$1"; }

# Reads the whole effective configuration, writes it as it should be: what else an administrator has set there stays.
# The keys are those of configuration version 2 (containerd 1.x) and 3 (2.x).
edit_config() {
  folder=$certificates_folder
  if old_mirrors "$1"; then folder=''; fi
  sed -E \
    -e "s|^( *sandbox(_image)? = )([\"']).*\3\$|\1\3$sandbox_image\3|" \
    -e "s|^( *SystemdCgroup = ).*|\1$systemd_cgroup|" \
    -e "s|^( *config_path = )([\"'])\2\$|\1\2$folder\2|" \
    -e '/^ *bin_dirs? = /s|/usr/lib/cni|/opt/cni/bin|' "$1" |
    awk -v wanted="$systemd_cgroup" '
      function finish() { if (inside && !seen) print "SystemdCgroup = " wanted; inside = 0 }
      /^ *\[/ { finish(); if ($0 ~ /runtimes\.runc\.options\]$/) { inside = 1; seen = 0 } }
      / *SystemdCgroup = / { seen = 1 }
      { print }
      END { finish() }'
}

config_is_right() {
  config_dump > "$work/is.toml"
  enable_cri > "$work/enabled.toml"
  config_dump "$work/enabled.toml" > "$work/full.toml"
  edit_config "$work/full.toml" > "$work/wanted.toml"
  grep -q SystemdCgroup "$work/wanted.toml" && cmp -s "$work/is.toml" "$work/wanted.toml"
}
write_config() {
  grep -q SystemdCgroup "$work/wanted.toml" || { echo "its configuration has no options of runtime runc"; return 1; }
  mkdir -p /etc/containerd
  (umask 077 && : > "$config_file.nodepools-new")
  if [ -e "$config_file" ]; then
    # It may hold the passwords of registries.
    chmod --reference="$config_file" "$config_file.nodepools-new"
    [ -e "$config_file.before-nodepools" ] || cp -p "$config_file" "$config_file.before-nodepools"
    grep -E '^imports *= *\[.*\]' "$config_file" > "$config_file.nodepools-new" || true
  else
    chmod 644 "$config_file.nodepools-new"
  fi
  cat "$work/wanted.toml" >> "$config_file.nodepools-new"
  mv "$config_file.nodepools-new" "$config_file"
}

containerd_answers() { ctr --timeout 5s version > /dev/null 2>&1; }
cri_is_ready() {
  containerd_answers && ctr plugins ls | awk '$1 ~ /grpc/ && $2 == "cri" && $NF == "ok" { ready = 1 } END { exit !ready }'
}
restart_containerd() {
  timeout -k 10 120 systemctl restart containerd
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    if cri_is_ready; then return 0; fi
    sleep 1
  done
  journalctl -u containerd -n 3 -o cat --no-pager
}

service_is_on() { systemctl --quiet is-enabled "$unit" 2> /dev/null; }
turn_service_on() { systemctl enable "$unit"; }

prepare_containerd() {
  [ -n "$sandbox_image" ] || sandbox_image=$(kubeadm config images list --kubernetes-version "$(kubeadm version -o short)" 2> "$work/log" | grep '/pause:')
  if ! containerd config dump > /dev/null 2> "$work/log"; then
    problem "reading containerd's configuration: $(last_words)"
    stop_at_problems
  fi
  before=$changes
  ensure "containerd has the sandbox image $sandbox_image, SystemdCgroup = $systemd_cgroup, /opt/cni/bin and $certificates_folder ($config_file)" config_is_right write_config
  stop_at_problems
  if [ "$changes" != "$before" ]; then restart_containerd > "$work/log" 2>&1 9>&-; fi
  ensure "containerd serves the kubelet (its plugin cri is ready)" cri_is_ready restart_containerd
  stop_at_problems
  for unit in containerd kubelet; do ensure "$unit starts at boot" service_is_on turn_service_on; done
}

hosts_of() {
  echo "$1" | tr ' ' '\n' | while IFS= read -r mirror; do
    printf '\n\n[host."%s"]\n  capabilities = ["pull", "resolve"]' "$mirror"
  done
}
# One line for each registry: its name, then the mirrors in the order in which they are asked.
set_mirrors() {
  header='# Written by nodepools: a file with this line goes when its registry is no longer declared.'
  if [ -n "$registry_mirrors" ] && config_dump > "$work/is.toml" && old_mirrors "$work/is.toml"; then
    problem "registry mirrors: $config_file has some of the old form (registry.mirrors or registry.configs with tls), which exclude others. Take them out and declare them"
    return 0
  fi
  echo "$registry_mirrors" > "$work/mirrors"
  while IFS= read -r line; do
    [ -n "$line" ] || continue
    registry=${line%% *} mirrors=${line#* }
    text=$header$(hosts_of "$mirrors")
    case " $mirrors" in
      *' http://'*) warn "mirrors of $registry: $mirrors: without https, anyone on the way decides what is in an image that is asked for by its tag" ;;
    esac
    ensure_file "mirrors of $registry: $mirrors" "$certificates_folder/$registry/hosts.toml" "$text"
  done < "$work/mirrors"
  for file in "$certificates_folder"/*/hosts.toml; do
    registry=${file#"$certificates_folder"/}
    registry=${registry%/hosts.toml}
    if [ -e "$file" ] && grep -qxF "$header" "$file" && ! cut -d ' ' -f 1 "$work/mirrors" | grep -qxF "$registry"; then
      rm "$file"
      changed "no mirrors of $registry any more"
    fi
  done
}

list_images() { ctr --namespace k8s.io images ls | awk 'NR > 1 { print $1, $3 }' | sort; }
# One archive on each line, a path on the host or an address. Importing again is harmless; only what is new is told.
import_images() {
  echo "$image_archives" > "$work/archives"
  while IFS= read -r archive; do
    [ -n "$archive" ] || continue
    file=$archive
    case $archive in
      http://* | https://*)
        file=$work/archive
        download "$archive" "$file"
        ;;
      *)
        require_trusted imageArchives "$archive"
        file=$real
        ;;
    esac
    list_images > "$work/before"
    archive=${archive%%#sha256=*}
    run_or_fail "importing the images of $archive" 900 ctr --namespace k8s.io images import "$file"
    list_images > "$work/after"
    new=$(comm -13 "$work/before" "$work/after" | cut -d ' ' -f 1 | sed '/^sha256:/d' | tr '\n' ' ')
    [ -z "$new" ] || changed "images of $archive: ${new% }"
    rm -f "$work/archive"
  done < "$work/archives"
}
