// The root file system of hosts that nobody has prepared, with everything that a preparation installs in a folder beside it.
import { join } from "node:path";
import type { Lab } from "../lab-folder.ts";
import { writeDebianIndex } from "../packages/apt-index.ts";
import { writeKubernetesRepository } from "../packages/kubernetes-repository.ts";
import type { ImageTools } from "./image.ts";
import { writeContainerImages } from "./image.ts";
import { ensureImageFolder } from "./image-folder.ts";

/** Where a bare image is and what its hosts are prepared with. */
export interface BareImage {
  readonly rootfs: string;
  /** Served to the hosts: Debian packages in debian/, Kubernetes' in v1.34/deb/, container images in images/. */
  readonly site: string;
}

const packages = ["systemd", "systemd-sysv", "dbus", "openssh-server", "sudo", "iproute2"];

/** What a preparation installs, with everything that these need. */
const preparationPackages = [
  ...["containerd", "runc", "containernetworking-plugins"],
  ...["iptables", "conntrack", "ethtool", "socat", "kmod", "ca-certificates"],
];

const here = import.meta.dirname;
const ingredients = ["bare-image", "image", "container-images.ts", "ustar.ts", "../packages"];

/** Returns the bare image; builds it when anything that goes into it is new. */
export async function ensureBareImage(
  lab: Lab,
  tools: ImageTools,
  note: (text: string) => void,
): Promise<BareImage> {
  const folder = await ensureImageFolder(
    lab,
    {
      texts: [...packages, ...preparationPackages],
      paths: [...ingredients.map((name) => join(here, name)), ...Object.values(tools)],
      script: join(here, "build-bare-image.sh"),
      prepare: (building) => ({
        PACKAGES: packages.join(","),
        POOL: join(building, "site/debian"),
        POOL_PACKAGES: preparationPackages.join(" "),
      }),
      finish: async (building) => {
        note("making its package repository");
        const site = join(building, "site");
        writeContainerImages(join(site, "images"), tools.busybox);
        await writeDebianIndex(join(site, "debian"));
        await writeKubernetesRepository(site, join(building, "work"), tools);
      },
    },
    note,
  );
  return { rootfs: join(folder, "rootfs"), site: join(folder, "site") };
}
