// What hosts of a lab with flannel have over the image that all hosts share: the container images of its pods.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { imageArchitecture } from "../hosts/docker-archive.ts";
import { ensureImageFolder } from "../hosts/image-folder.ts";
import type { Lab } from "../lab-folder.ts";
import type { NetworkToolName } from "../toolchain/tools.ts";
import { networkImages } from "./images.ts";

/** Executables that go into the images, as paths on this machine; busybox must be linked statically. */
export type LayerTools = Readonly<Record<NetworkToolName | "busybox", string>>;

const packages = ["base-files", "iptables", "nftables", "ipset", "conntrack", "kmod"];

const here = import.meta.dirname;
const ingredients = ["layer", "images.ts", "../hosts/docker-archive.ts", "../hosts/ustar.ts"];

/** Returns the folder that goes over the hosts' image; builds it when anything that goes into it is new. */
export async function ensureNetworkLayer(
  lab: Lab,
  tools: LayerTools,
  note: (text: string) => void,
): Promise<string> {
  const baseOf = (folder: string) => join(folder, "base.tar");
  const recipe = {
    texts: packages,
    paths: [...ingredients.map((name) => join(here, name)), ...Object.values(tools)],
    script: join(here, "build-layer.sh"),
    prepare: (folder: string) => ({ PACKAGES: packages.join(","), BASE: baseOf(folder) }),
    finish: async (folder: string) => {
      note("packing the images of its pods");
      const archive = join(folder, "rootfs/usr/share/nodepools-lab/images/network.tar");
      writeFileSync(archive, packAll(tools, baseOf(folder)));
      rmSync(baseOf(folder));
    },
  };
  return join(await ensureImageFolder(lab, recipe, note), "rootfs");
}

function packAll(tools: LayerTools, base: string): Buffer {
  const { busybox, ...programs } = tools;
  const read = (name: NetworkToolName) => readFileSync(programs[name]);
  const parts = {
    programs: {
      "kube-proxy": read("kube-proxy"),
      flanneld: read("flanneld"),
      flannel: read("flannel"),
      coredns: read("coredns"),
    },
    busybox: readFileSync(busybox),
    base: readFileSync(base),
  };
  return networkImages(parts, imageArchitecture);
}
