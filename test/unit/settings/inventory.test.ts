// Pools and hosts in files of their own: read as if they stood in the config, and every fault at its file and line.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { configBytes, sizeFault, sizeWarning } from "../../../components/settings/config-size.ts";
import { type DeclaredPools, loadInventory } from "../../../components/settings/inventory.ts";
import { readInventoryFile } from "../../../components/settings/inventory-reader.ts";
import { parseSettings, withInventory } from "../../../components/settings/parse-settings.ts";
import { problemLines } from "../../../components/settings/problem-text.ts";
import { config, environment, hostKey } from "./declared.ts";

type Files = Readonly<Record<string, string>>;

function reader(files: Files) {
  return (path: string) => {
    const text = files[path];
    return text === undefined ? { fault: "is not there" } : { text };
  };
}

const listOf = (file: string, text: string) =>
  loadInventory({ pools: [{ name: "a", hostsFile: file }] }, reader({ [file]: text }));

/** Lists what the program says of a config with these files. */
function problemsWith(declared: DeclaredPools, files: Files): string[] {
  const raw = withInventory({ ...config(), ...declared }, reader(files));
  return problemLines(parseSettings(raw, environment()).problems ?? [], raw);
}

const csv = (...lines: readonly string[]) => lines.join("\n");

describe("a file of hosts", () => {
  it("is a list as in the config, in YAML or JSON, and its pool keeps its other fields", () => {
    const hosts = [{ name: "w1", address: "192.0.2.1" }];
    const pools = [
      { name: "a", count: 1, hostsFile: "a.yaml" },
      { name: "b", hostsFile: "../b.json" },
    ];
    const yaml = "\ufeff# ours\r\n- name: w1\r\n  address: 192.0.2.1\r\n";
    const files = { "a.yaml": yaml, "../b.json": JSON.stringify(hosts) };
    expect(loadInventory({ pools }, reader(files))).toMatchObject({
      pools: [
        { name: "a", count: 1, hosts },
        { name: "b", hosts },
      ],
      problems: [],
      files: ["a.yaml", "../b.json"],
    });
  });

  it("is a table with a header: empty cells are not given, quotes hold commas, lines and quotes", () => {
    const text = `\ufeffname, address ,port,hostKey,labels.example.com/rack,annotations.note,taints,state\r
w1,192.0.2.1,,${hostKey},r1,"a, ""b""\r\nc",a=b:NoSchedule d:NoExecute,\r
\r
w2,192.0.2.2,2222,,,,,spare`;
    const { pools, problems, sourceOf } = listOf("a.csv", text);
    expect(problems).toEqual([]);
    expect(pools).toStrictEqual([
      {
        name: "a",
        hosts: [
          {
            ...{ name: "w1", address: "192.0.2.1", hostKey, labels: { "example.com/rack": "r1" } },
            annotations: { note: 'a, "b"\r\nc' },
            taints: [
              { key: "a", value: "b", effect: "NoSchedule" },
              { key: "d", effect: "NoExecute" },
            ],
          },
          { name: "w2", address: "192.0.2.2", port: 2222, state: "spare" },
        ],
      },
    ]);
    const second = ["pools", 0, "hosts", 1, "port"];
    expect(sourceOf(second)).toEqual({ file: "a.csv", line: 5, field: [1, "port"] });
  });

  it("has no hosts when only its header is left, which the pool's limits then judge", () => {
    expect(listOf("a.csv", "name,address\n")).toMatchObject({ pools: [{ hosts: [] }], problems: [] });
  });

  it.each([
    ["a.yaml", "", "is empty. Give a list of hosts; [] is one without any."],
    [
      "a.yaml",
      "hosts:\n  - name: w1\n",
      'holds no list of hosts: leave out the line "hosts:" and its indentation.',
    ],
    ["a.yaml", "password: hunter2", "holds no list of hosts."],
    ["a.yaml", "- name: w1\n- { name: [ }\n", "line 2 is not YAML (BAD_"],
    ["a.yaml", "- a\n---\n- b\n", "line 2 is not YAML (MULTIPLE_DOCS)."],
    ["a.yaml", "- name: w1\n  user: { secure: v1:x }\n", "line 2 is encrypted, and Pulumi decrypts only "],
    ["a.yaml", "- name: w1\n- \0\ufffd\n", "line 2 is not text in UTF-8. Save the file as UTF-8."],
    ["a.yaml", `- ${"x".repeat(9_000_000)}`, "is larger than 8 MiB, which no list of hosts is."],
    ["a.csv", "", "is empty. Its first line names the columns: name, address, "],
    ["a.csv", "name;address\nw1;192.0.2.1\n", "has one column: cells are separated by commas, "],
    ["a.csv", "name,address,name\n", 'has the column "name" twice.'],
    ["a.csv", "name,adress\n", 'has the column "adress", which nobody reads. Did you mean "address"?'],
    ["a.csv", "name,address,\n", 'has the column "", which nobody reads.'],
    ["a.csv", "name,port\n", 'has no column "address".'],
    ["a.csv", csv("name,address", "", "w1,192.0.2.1,x"), "line 3: 3 cells, and the header has 2 columns."],
    [
      "a.csv",
      csv("name,address", '"w\n1",192.0.2.1', "w2"),
      "line 4: 1 cells, and the header has 2 columns.",
    ],
    ["a.csv", csv("name,address", 'w1,"192.0.2.1'), "line 2 has a quote that does not end a cell: "],
    ["a.csv", csv("name,address", 'w1,"192"x'), "line 2 has a quote that does not end a cell: "],
    ["/etc/hosts.yaml", "", "is not relative to the project's folder: what is outside of the repository, "],
    ["~/hosts.yaml", "", "is not relative to the project's folder: "],
    ["C:\\hosts.yaml", "", "is not relative to the project's folder: "],
    ["hosts.txt", "", "is of no kind that is read; allowed: .yaml, .yml, .json, .csv."],
  ])("in %s with %j is refused in one sentence", (file, text, fault) => {
    const { problems } = listOf(file, text);
    expect(problems).toEqual([
      { path: ["pools", 0, "hostsFile"], text: expect.stringContaining(`${JSON.stringify(file)} ${fault}`) },
    ]);
    expect(problems[0]?.text).not.toContain("hunter2");
  });
});

describe("a file of pools", () => {
  it("is what nodepools:pools would be, and may name files of hosts", () => {
    const files = {
      "pools.yaml": "- name: a\n  hostsFile: a.csv\n",
      "a.csv": "name,address\nw1,192.0.2.1\n",
    };
    const {
      pools,
      files: named,
      sourceOf,
    } = loadInventory({ pools: undefined, poolsFile: "pools.yaml" }, reader(files));
    expect(pools).toEqual([{ name: "a", hosts: [{ name: "w1", address: "192.0.2.1" }] }]);
    expect(named).toEqual(["pools.yaml", "a.csv"]);
    expect(sourceOf(["pools", 0, "name"])).toMatchObject({ file: "pools.yaml", line: 1 });
    expect(sourceOf(["pools", 0, "hosts", 0])).toMatchObject({ file: "a.csv", line: 2 });
  });

  it("is YAML", () => {
    expect(problemsWith({ pools: undefined, poolsFile: "pools.csv" }, {})).toEqual([
      'poolsFile: "pools.csv" is CSV, and pools are written in YAML; hosts of one pool may be CSV.',
    ]);
  });
});

describe("what the program says of pools in files", () => {
  it("names file, line and field, host and pool, in the order of the config", () => {
    const pools = [
      { name: "a", hostsFile: "a.yaml", count: -1 },
      { name: "b", hostsFile: "b.csv" },
    ];
    const files = {
      "a.yaml": `- name: w1\n  address: 192.0.2.1\n  hostKey: ${hostKey}\n- name: w2\n  adress: 192.0.2.2\n`,
      "b.csv": csv("name,address,hostKey,port,taints", `w1,192.0.2.3,${hostKey},x,dedicated`),
    };
    expect(problemsWith({ pools }, files)).toEqual([
      expect.stringMatching(/^pools\[0\]\.count \(pool "a"\): -1 is not /),
      expect.stringMatching(/^a\.yaml:4: \[1\]\.address \(host "w2" of pool "a"\): missing/),
      expect.stringMatching(/^a\.yaml:5: \[1\]\.adress \(host "w2" of pool "a"\): unknown key\. Did you/),
      expect.stringMatching(
        /^b\.csv:2: \[0\]\.name \(host "w1" of pool "b"\): "w1" is already the name of a\.yaml:1: \[0\]\. A /,
      ),
      expect.stringMatching(/^b\.csv:2: \[0\]\.port .*: "x" is not a TCP port/),
      expect.stringMatching(/^b\.csv:2: \[0\]\.taints\[0\] .*: a text is not a taint/),
    ]);
  });

  it("wants exactly one of both forms", () => {
    const both = { pools: [{ name: "a", hosts: [], hostsFile: "a.yaml" }], poolsFile: "pools.yaml" };
    expect(problemsWith(both, {})).toEqual([
      'pools[0].hostsFile (pool "a"): the pool has hosts as well. Keep one of the two.',
      "poolsFile: pools are declared in nodepools:pools as well. Keep one of the two.",
    ]);
    expect(problemsWith({ pools: [{ name: "a", hostsFile: 1 }], poolsFile: undefined }, {})).toEqual([
      'pools[0].hostsFile (pool "a"): 1 is not the path of a file of hosts.',
    ]);
    expect(problemsWith({ pools: [{ name: "a" }] }, {})).toEqual([
      expect.stringContaining('pools[0].hosts (pool "a"): missing. Give a list of hosts'),
    ]);
  });
});

describe("the reader of the files where Pulumi runs", () => {
  function project() {
    const folder = mkdtempSync(join(tmpdir(), "nodepools-inventory-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return { folder, read: readInventoryFile(folder) };
  }

  it("reads plain files below and beside the project", () => {
    const { folder, read } = project();
    mkdirSync(join(folder, "sub"));
    writeFileSync(join(folder, "a.yaml"), "[]");
    expect([read("a.yaml"), readInventoryFile(join(folder, "sub"))("../a.yaml")]).toEqual([
      { text: "[]" },
      { text: "[]" },
    ]);
  });

  it("refuses what is no plain file, before it is opened", () => {
    const { folder, read } = project();
    mkdirSync(join(folder, "folder.yaml"));
    symlinkSync("/etc/passwd", join(folder, "link.yaml"));
    execFileSync("mkfifo", [join(folder, "pipe.yaml")]);
    writeFileSync(join(folder, "large.yaml"), "");
    truncateSync(join(folder, "large.yaml"), 10 * 1024 * 1024);
    const faults = ["folder", "link", "pipe", "large", "none"].map((name) => read(`${name}.yaml`).fault);
    expect(faults).toEqual([
      "is a folder",
      "is a link, and is not followed: name the file itself",
      "is not a regular file",
      "is larger than 8 MiB, which no list of hosts is",
      "cannot be read: no such file. Paths are relative to the project's folder",
    ]);
  });
});

it("tells of a config that is too large for a program's environment, and of one that nearly is", () => {
  const host = (at: number) => ({ name: `w${at}`, address: `192.0.2.${at}`, hostKey });
  const withHosts = (count: number) =>
    configBytes({
      "nodepools:pools": [{ name: "a", hosts: Array.from({ length: count }, (_, at) => host(at)) }],
    });
  expect([400, 700, 1000].map((count) => sizeWarning(withHosts(count)) !== undefined)).toEqual([
    false,
    true,
    true,
  ]);
  expect([400, 700, 1000].map((count) => sizeFault(withHosts(count)) !== undefined)).toEqual([
    false,
    false,
    true,
  ]);
  expect(sizeFault(withHosts(1000))).toMatch(/"spawn E2BIG"\)\. Move the hosts of large pools into files/);
  // One byte for the end of the text, and the variable's name.
  expect([131_057, 131_058].map((bytes) => sizeFault(bytes) !== undefined)).toEqual([false, true]);
});
