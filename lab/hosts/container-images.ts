// Makes the container images that the lab's pods run, because no registry can be reached from inside. Pure.
import { createHash } from "node:crypto";
import { type ArchiveEntry, packArchive } from "./ustar.ts";

/** A container image in the form of `docker save`. */
export interface ContainerImage {
  readonly reference: string;
  readonly fileName: string;
  readonly archive: Buffer;
}

/** The shell waits in the background, so that it hears the signal at once and the pod ends at once. */
const idle = 'trap "exit 0" TERM INT; while :; do sleep 3600 & wait; done';

const applets = [
  "sh",
  "sleep",
  "cat",
  "echo",
  "ls",
  "nc",
  "httpd",
  "wget",
  "touch",
  "date",
  "kill",
  "ps",
  "sync",
];

/**
 * Makes `lab.local/busybox:1`, which idles until it is told to end, and the pause image that every pod needs.
 * Both hold only the given static busybox.
 */
export function containerImages(busybox: Buffer, architecture: string): readonly ContainerImage[] {
  const files: readonly ArchiveEntry[] = [
    { path: "bin/" },
    { path: "bin/busybox", data: busybox },
    ...applets.map((name) => ({ path: `bin/${name}`, link: "busybox" })),
    { path: "tmp/", mode: 0o1777 },
  ];
  return [
    { reference: "registry.k8s.io/pause:3.10", fileName: "pause.tar" },
    { reference: "lab.local/busybox:1", fileName: "busybox.tar" },
  ].map((name) => ({ ...name, archive: packImage(name.reference, files, architecture) }));
}

function packImage(reference: string, files: readonly ArchiveEntry[], architecture: string): Buffer {
  const layer = packArchive(files);
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os: "linux",
      config: { Entrypoint: ["/bin/sh", "-c", idle], Env: ["PATH=/bin"] },
      rootfs: { type: "layers", diff_ids: [`sha256:${digest(layer)}`] },
    }),
  );
  const manifest = [{ Config: `${digest(config)}.json`, RepoTags: [reference], Layers: ["layer.tar"] }];
  return packArchive([
    { path: `${digest(config)}.json`, mode: 0o644, data: config },
    { path: "layer.tar", mode: 0o644, data: layer },
    { path: "manifest.json", mode: 0o644, data: Buffer.from(JSON.stringify(manifest)) },
  ]);
}

function digest(data: Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}
