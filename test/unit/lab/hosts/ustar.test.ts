import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { packArchive } from "../../../../lab/hosts/ustar.ts";
import { runCommand } from "../../../../lab/processes/run-command.ts";

it("packs files, folders and links so that tar unpacks them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ustar-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const content = Buffer.alloc(1300, "abc");
  const archive = packArchive([
    { path: "bin/", mode: 0o700 },
    { path: "bin/tool", mode: 0o750, data: content },
    { path: "bin/empty", mode: 0o644, data: Buffer.alloc(0) },
    { path: "bin/alias", link: "tool" },
  ]);
  writeFileSync(join(folder, "a.tar"), archive);
  await runCommand(["tar", "-xpf", "a.tar"], { cwd: folder });
  expect(statSync(join(folder, "bin")).mode & 0o7777).toBe(0o700);
  expect(readFileSync(join(folder, "bin/tool"))).toEqual(content);
  expect(statSync(join(folder, "bin/tool")).mode & 0o7777).toBe(0o750);
  expect(statSync(join(folder, "bin/empty")).size).toBe(0);
  expect(readlinkSync(join(folder, "bin/alias"))).toBe("tool");
});

it("gives the same bytes for the same files", () => {
  const pack = (): Buffer => packArchive([{ path: "a", data: Buffer.from("text") }]);
  expect(pack()).toEqual(pack());
});

it("refuses a path that does not fit into a header", () => {
  expect(() => packArchive([{ path: "x".repeat(101) }])).toThrow("longer than 100 bytes");
});
