import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { containerImages } from "../../../../lab/hosts/container-images.ts";

/** Reads the plain files of a ustar archive. */
function readArchive(archive: Buffer): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = 0; archive[at] !== 0; ) {
    const name = archive.toString("utf8", at, at + 100).replaceAll("\0", "");
    const size = Number.parseInt(archive.toString("utf8", at + 124, at + 135), 8);
    files.set(name, archive.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

const images = containerImages(Buffer.from("static busybox"), "arm64");

it("makes the pause image and busybox under the names that pods use", () => {
  expect(images.map(({ reference, fileName }) => ({ reference, fileName }))).toEqual([
    { reference: "registry.k8s.io/pause:3.10", fileName: "pause.tar" },
    { reference: "lab.local/busybox:1", fileName: "busybox.tar" },
  ]);
});

it.each(images)(
  "packs $reference with a manifest, a configuration and a layer that name each other",
  (image) => {
    const files = readArchive(image.archive);
    const [manifest] = JSON.parse(String(files.get("manifest.json")));
    expect(manifest.RepoTags).toEqual([image.reference]);
    const config = files.get(manifest.Config) ?? Buffer.alloc(0);
    const layer = files.get(manifest.Layers[0]) ?? Buffer.alloc(0);
    expect(manifest.Config).toBe(`${createHash("sha256").update(config).digest("hex")}.json`);
    expect(JSON.parse(String(config))).toMatchObject({
      architecture: "arm64",
      rootfs: { diff_ids: [`sha256:${createHash("sha256").update(layer).digest("hex")}`] },
    });
    expect(String(readArchive(layer).get("bin/busybox"))).toBe("static busybox");
  },
);
