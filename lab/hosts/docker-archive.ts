// Packs container images as `docker save` does. Pure: the same files give the same bytes.
import { createHash } from "node:crypto";
import { type ArchiveEntry, packArchive } from "./ustar.ts";

/** What goes into an image. */
export interface ImageContent {
  readonly reference: string;
  /** Tar archives, the lowest first. Images that share one share it on the host's disk, too. */
  readonly layers: readonly Buffer[];
  readonly config: { readonly Entrypoint: readonly string[]; readonly Env: readonly string[] };
}

/** This machine's architecture, as images name it. */
export const imageArchitecture: string = process.arch === "x64" ? "amd64" : process.arch;

/** Packs images into one archive; a layer of several images is in it once. */
export function packImages(images: readonly ImageContent[], architecture: string): Buffer {
  const entries = new Map<string, ArchiveEntry>();
  const add = (path: string, data: Buffer): string => {
    entries.set(path, { path, mode: 0o644, data });
    return path;
  };
  const manifest = images.map(({ reference, layers, config }) => {
    const digests = layers.map(digest);
    const described = {
      architecture,
      os: "linux",
      config,
      rootfs: { type: "layers", diff_ids: digests.map((sum) => `sha256:${sum}`) },
    };
    const text = Buffer.from(JSON.stringify(described));
    return {
      Config: add(`${digest(text)}.json`, text),
      RepoTags: [reference],
      Layers: layers.map((layer, at) => add(`${digests[at]}.tar`, layer)),
    };
  });
  add("manifest.json", Buffer.from(JSON.stringify(manifest)));
  return packArchive([...entries.values()]);
}

function digest(data: Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}
