# The order of a preparation. Last part of the program.

# What differs between the families, by the name that the other parts use.
with_programs() { "${family}_with_programs" "$@"; }
installed_version() { "${family}_installed_version" "$1"; }
list_packages() { "${family}_list_packages"; }
versioned() { "${family}_versioned" "$1"; }
package_lock_holder() { "${family}_lock_holder"; }
is_interrupted() { "${family}_is_interrupted"; }
finish_installation() { "${family}_finish_installation"; }
install_modules() { "${family}_install_modules"; }
install_system() { "${family}_install_system"; }
add_repository() { "${family}_add_repository"; }
install_kubernetes() { "${family}_install_kubernetes"; }
install_folder() { "${family}_install_folder"; }
are_held() { "${family}_are_held"; }
hold() { "${family}_hold"; }

tell_end() {
  stop_at_problems
  if [ "$changes" = 0 ]; then echo "nothing changed"; else echo "prepared: $changes changes"; fi
}

# A node at work keeps what would need a restart; a node that this stack has not claimed keeps everything.
prepare_node() {
  refuse_other_version
  stop_at_refusals
  if [ -e /var/lib/nodepools/owner ] && has containerd; then
    use_files
    set_mirrors
    import_images
  fi
  tell_end
}

prepare() {
  family=$(package_family)
  refuse_foreign
  if is_node; then prepare_node; return; fi
  refuse_unsuitable
  stop_at_refusals
  "${family}_family"
  use_files
  install_modules
  prepare_kernel
  stop_at_problems
  install_packages
  ensure "kubelet, kubeadm and what belongs to them are held at their versions" are_held hold
  prepare_surroundings
  prepare_containerd
  set_mirrors
  import_images
  tell_end
}

prepare
