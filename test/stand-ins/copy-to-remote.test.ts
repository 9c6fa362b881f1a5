// The stand-in for the command plugin: files and folders that it copies to a real sshd.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { asSecret, type Properties, UNKNOWN } from "../../lab/stand-ins/properties.ts";
import { commandSite, connectionTo } from "./command-site.ts";

const urn = "urn:pulumi:dev::trial::command:remote:CopyToRemote::w1_files";
const site = commandSite();

const copies = () => site.plugin.calls(urn);

const base = mkdtempSync(join(tmpdir(), "nodepools-copy-"));
const source = join(base, "source");
const target = join(base, "target");

afterAll(() => rmSync(base, { recursive: true }));

beforeEach(() => {
  for (const folder of [source, target]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(source, "one/two"), { recursive: true });
  for (const [path, text] of [
    ["a", "A"],
    ["one/b", "B"],
    ["one/two/c", ""],
  ] as const)
    writeFileSync(join(source, path), text);
});

/** An archive as the engine sends it, which has hashed its contents. */
const archive = (path: string, hash = "1"): Properties => ({
  "4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7",
  path,
  hash,
});

async function checked(inputs: Properties, connection: Properties = {}): Promise<Properties> {
  const login = { ...connectionTo(site.sshd), dialErrorLimit: 0, ...connection };
  const reply = await copies().check({ connection: login, remotePath: target, ...inputs });
  expect(reply.failures).toEqual([]);
  return reply.inputs;
}

const copy = async (path: string, remotePath = target) =>
  copies().create(await checked({ source: archive(path), remotePath }));

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

describe("create", () => {
  it("copies a folder under its own name, and makes the parents of the target", async () => {
    const { id, state } = await copy(source, join(target, "deep/er"));
    expect(id).toMatch(/^[0-9a-f]{8}$/);
    expect(state.source).toEqual(archive(source));
    expect(filesIn(target)).toEqual(["a", "one/b", "one/two/c"].map((name) => `deep/er/source/${name}`));
  });

  it("copies the contents alone of a folder whose path ends with a slash, over what is there", async () => {
    mkdirSync(join(target, "one"), { recursive: true });
    writeFileSync(join(target, "one/b"), "a longer text");
    writeFileSync(join(target, "one/stays"), "");
    await copy(`${source}/`);
    expect(filesIn(target)).toEqual(["a", "one/b", "one/stays", "one/two/c"]);
    expect(readFileSync(join(target, "one/b"), "utf8")).toBe("B");
  });

  it("copies a file into a folder, over a file, or to a new path", async () => {
    mkdirSync(target);
    await copy(join(source, "a"));
    await copy(join(source, "a"), join(target, "new/path"));
    await copy(join(source, "one/b"), join(target, "a"));
    expect(filesIn(target)).toEqual(["a", "new/path"]);
    expect(readFileSync(join(target, "a"), "utf8")).toBe("B");
  });

  it("starts a relative path at the login's home, and copies what links lead to", async () => {
    symlinkSync("a", join(source, "link"));
    await copy(`${source}/`, "relative");
    expect(filesIn(join(site.sshd.folder, "home/relative"))).toEqual(["a", "link", "one/b", "one/two/c"]);
  });

  it("fails where a file is in the place of a folder", async () => {
    mkdirSync(target);
    writeFileSync(join(target, "one"), "");
    await expect(copy(`${source}/`)).rejects.toThrow(
      `remote path ${join(target, "one")} exists but is not a directory`,
    );
  });

  it("says what could not be read", async () => {
    await expect(copy(join(base, "nothing"))).rejects.toThrow("no such file or directory");
  });

  it("does not connect at preview", async () => {
    const inputs = await checked({ source: archive(source) }, { port: 1 });
    expect((await copies().create(inputs, true)).state).toEqual({ ...inputs, source: UNKNOWN });
  });

  it("refuses a text", async () => {
    const { failures } = await copies().check({
      connection: { host: "w1" },
      remotePath: "x",
      source: { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", text: "x" },
    });
    expect(failures.map(({ property }) => property)).toEqual(["source", "source"]);
  });
});

describe("a change", () => {
  it("is one of the contents, not of the place that they are in", async () => {
    const state = await checked({ source: archive(source, "1") });
    const moved = { ...state, source: archive("/elsewhere", "1") };
    expect((await copies().diff(state, moved)).changes).toBe("DIFF_NONE");
    expect(await copies().diff(state, { ...state, source: archive(source, "2") })).toEqual({
      changes: "DIFF_SOME",
      replaces: [],
      detail: { source: "UPDATE" },
    });
  });

  it("of the contents or of the target copies again", async () => {
    const { state } = await copy(`${source}/`);
    writeFileSync(join(source, "a"), "other");
    // The engine keeps the path of the former source to itself.
    const { path: _, ...elided } = archive(`${source}/`);
    await copies().update({ ...state, source: elided }, { ...state, source: archive(`${source}/`, "2") });
    expect(readFileSync(join(target, "a"), "utf8")).toBe("other");
    await copies().update(state, { ...state, remotePath: `${target}/next` });
    expect(readFileSync(join(target, "next/a"), "utf8")).toBe("other");
  });

  it("of the connection alone copies nothing and connects to nobody", async () => {
    const state = await checked({ source: archive(source) });
    const inputs = {
      ...state,
      connection: asSecret({
        host: "127.0.0.1",
        user: "root",
        port: 1,
        dialErrorLimit: 0,
        perDialTimeout: 1,
      }),
    };
    expect((await copies().diff(state, inputs)).detail).toEqual({ connection: "UPDATE" });
    expect(await copies().update(state, inputs)).toEqual(inputs);
  });

  it("of the triggers updates: the SDK makes a replacement of it", async () => {
    const state = await checked({ source: archive(source), triggers: ["1"] });
    const { detail } = await copies().diff(state, { ...state, triggers: ["2"] });
    expect(detail).toEqual({ "triggers[0]": "UPDATE" });
  });
});

it("leaves what it copied when it is deleted, and connects to nobody", async () => {
  const { state } = await copy(`${source}/`);
  const gone = asSecret({ host: "127.0.0.1", user: "root", port: 1, dialErrorLimit: 0, perDialTimeout: 1 });
  await copies().remove({ ...state, connection: gone });
  expect(filesIn(target)).toHaveLength(3);
});
