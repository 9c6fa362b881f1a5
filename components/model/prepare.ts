// How a bare machine is made ready for `kubeadm join`. Pure.

/**
 * Declares what a host gets before it joins. Change effect: hosts that are no nodes yet are prepared anew; nodes get
 * registryMirrors and imageArchives only, and another `kubernetes` than they run is refused.
 */
export interface PrepareOptions {
  /** Version of kubelet and kubeadm: `1.34.4`, or `1.34` for the newest of that minor; held at what was installed. */
  readonly kubernetes: string;
  /**
   * A copy of Kubernetes' package repository for one minor, without the last part: `deb/` (apt) or `rpm/` (dnf) is
   * appended. @defaultValue `https://pkgs.k8s.io/core:/stable:/v<minor>`
   */
  readonly repository?: string;
  /**
   * Public key that signs the packages, as ASCII-armored text or as its https address, which may end in
   * `#sha256=<hex>` of its content; needed where the repository's own address is not https. @defaultValue the one that the repository publishes
   */
  readonly signingKey?: string;
  /**
   * Folder on the machine that runs Pulumi, copied to each host before it is prepared: `packages/` with every .deb or
   * .rpm that is needed, so that nothing is fetched from a repository, and `images/` with archives to import. A file
   * that changes is copied to nodes at work too, which import its image. @defaultValue none
   */
  readonly files?: string;
  /** Folder on the host itself, such as a share, with every .deb or .rpm that is needed. @defaultValue none */
  readonly packageFolder?: string;
  /** The pause image that containerd uses. @defaultValue the one that the installed kubeadm names */
  readonly sandboxImage?: string;
  /** cgroup driver of the cluster's kubelets. @defaultValue `systemd`, as kubeadm's own */
  readonly cgroupDriver?: CgroupDriver;
  /** Mirrors by registry, such as `docker.io`, asked in this order before the registry itself. @defaultValue none */
  readonly registryMirrors?: Readonly<Record<string, readonly string[]>>;
  /**
   * Image archives (`docker save`, `ctr images export`) to import: paths on the host, or addresses, which may end in
   * `#sha256=<hex>` of their content and must where they are not https. @defaultValue none
   */
  readonly imageArchives?: readonly string[];
  /** `keep` leaves SELinux enforcing, for sites with a policy of their own. @defaultValue `permissive` */
  readonly selinux?: SelinuxMode;
}

/** Lists the cgroup drivers that the kubelet knows. */
export const cgroupDrivers = ["systemd", "cgroupfs"] as const;

/** Names a cgroup driver. */
export type CgroupDriver = (typeof cgroupDrivers)[number];

/** Lists what a preparation may do with SELinux. */
export const selinuxModes = ["permissive", "keep"] as const;

/** Names what a preparation does with SELinux. */
export type SelinuxMode = (typeof selinuxModes)[number];

/** Declares whether and how hosts are prepared; with `none`, what is missing is refused at the enrollment. */
export type Prepare = PrepareOptions | "none";

/** Holds one file that is copied to a host, by its path below the folder. */
export interface OfflineFile {
  readonly path: string;
  /** In hexadecimal digits. */
  readonly sha256: string;
}
