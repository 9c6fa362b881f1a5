// What may be in the folder that is copied to hosts before they are prepared.

import { describe, expect, it } from "vitest";
import type { FolderEntry } from "../../../components/settings/environment.ts";
import { hasPackages, offlineFolderFault } from "../../../components/settings/offline-folder.ts";

const file = (path: string): FolderEntry => ({ path, kind: "file" });
const folder = (path: string): FolderEntry => ({ path, kind: "folder" });
const layout = "Its layout: packages/*.deb or *.rpm, images/*.tar, and nothing else.";

describe("a folder of files for hosts", () => {
  it("may have packages of both families and image archives", () => {
    const names = [
      "packages/kubelet_1.34.4-1.1_amd64.deb",
      "packages/iptables_1%3a1.8.11-2+b1~x_amd64.deb",
      "packages/kubelet-1.34.4.rpm",
      "images/cni.tar",
    ];
    const entries = [folder("packages"), folder("images"), ...names.map(file)];
    expect(offlineFolderFault(entries)).toBeUndefined();
    expect(hasPackages(entries)).toBe(true);
    expect(hasPackages([folder("images"), file("images/a.tar")])).toBe(false);
  });

  it.each([[[]], [[folder("packages"), folder("images")]]])("may not be without files: %j", (entries) => {
    expect(offlineFolderFault(entries)).toBe(`is empty. ${layout}`);
  });

  it.each([
    [file("kubelet.deb"), '"kubelet.deb"'],
    [file("images/cni.tar.gz"), '"images/cni.tar.gz"'],
    [file("packages/a b.deb"), '"packages/a b.deb"'],
    [file("packages/a\nb.deb"), '"packages/a\\nb.deb"'],
    [file("packages/more/a.deb"), '"packages/more/a.deb"'],
    [file("images/.DS_Store"), '"images/.DS_Store"'],
    [folder("image"), '"image" (a folder)'],
    [{ path: "packages", kind: "other" }, '"packages" (not a regular file)'],
    [{ path: "images/a.tar", kind: "other" }, '"images/a.tar" (not a regular file)'],
  ] as const)("may not have %j", (entry, shown) => {
    expect(offlineFolderFault([file("images/b.tar"), entry])).toBe(
      `has what no host can use: ${shown}. ${layout}`,
    );
  });

  it("has the first three of its strangers named and the rest counted", () => {
    const entries = ["e", "d", "c", "b", "a"].map(file);
    expect(offlineFolderFault(entries)).toBe(`has what no host can use: "a", "b", "c" and 2 more. ${layout}`);
  });
});
