// The command that prepares a host: what runs it again, what never does, and what waits for it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { planPreparation, renderPrepareInput } from "../../components/kubeadm/prepare.ts";
import { loadPrepareScripts } from "../../components/kubeadm/prepare-scripts.ts";
import { loaderCommand, programInput } from "../../components/ssh/program.ts";
import { find, type Registration } from "../support/component-mocks.ts";
import { declare, hostKey, hosts, privateKey } from "./declared.ts";

const prepare = { kubernetes: "1.34.4", registryMirrors: { "docker.io": ["https://mirror.example"] } };
const { runner, program } = loadPrepareScripts();

const commands = (registrations: readonly Registration[]) =>
  registrations.filter(({ type }) => type === "command:remote:Command").map(({ name }) => name);

it("is declared for each member of a pool with prepare, and for no other", async () => {
  const registrations = await declare({
    workers: { hosts: hosts("w1", "w2", "w3"), count: 2, prepare },
    batch: { hosts: hosts("w4"), prepare: "none" },
    edge: { hosts: hosts("w5") },
  });
  expect(commands(registrations)).toEqual(["w1", "w1_prepare", "w2", "w2_prepare", "w4", "w5"]);
});

it("changes nothing else of a stack, so that declaring it drains and joins nothing", async () => {
  const without = await declare({ workers: { hosts: hosts("w1") } });
  const prepared = await declare({ workers: { hosts: hosts("w1"), prepare } });
  const apart = prepared
    .filter(({ name }) => name !== "w1_prepare")
    .map((one) => (one.type.endsWith(":HostEnrollment") ? { ...one, dependencies: [] } : one));
  const others = (registrations: readonly Registration[]) =>
    registrations.filter(({ type }) => !type.endsWith(":Roster"));
  expect(others(apart)).toEqual(others(without));
});

it("J-22 tells the roster which version it is, which refuses one that cannot join", async () => {
  const pools = async (pool: object) =>
    find(await declare({ workers: { hosts: hosts("w1"), ...pool } }), ":Roster", "dev").inputs
      .pools as object[];
  const [without] = await pools({});
  expect(await pools({ prepare })).toEqual([{ ...without, kubernetes: "1.34.4" }]);
});

it("runs the declared preparation as root, once for its options and the host's rejoinTrigger", async () => {
  const registrations = await declare({ workers: { hosts: hosts("w1"), prepare } });
  const { inputs, deleteBeforeReplace, urn } = find(registrations, "remote:Command", "w1_prepare");
  expect(inputs).toEqual({
    connection: find(registrations, "remote:Command", "w1").inputs.connection,
    create: loaderCommand("root", "nodepools: prepare. Safe to repeat: run pulumi up again."),
    update: "cat > /dev/null",
    stdin: programInput(runner, renderPrepareInput(planPreparation("acme/nodepools/dev", prepare), program)),
    triggers: [prepare, ""],
    logging: "stdout",
    addPreviousOutputInEnv: false,
  });
  // The former one stays in state when the next one fails.
  expect(deleteBeforeReplace).toBe(false);
  expect(urn).toBe(
    "urn:pulumi:dev::nodepools::nodepools:index:NodePool$nodepools:index:PoolNode$command:remote:Command::w1_prepare",
  );
  const rejoining = hosts("w1").map((host) => ({ ...host, rejoinTrigger: "2" }));
  const again = await declare({ workers: { hosts: rejoining, prepare } });
  expect(find(again, "remote:Command", "w1_prepare").inputs.triggers).toEqual([prepare, "2"]);
});

it("J-12 comes before the enrollment, which takes nothing from it", async () => {
  const registrations = await declare({ workers: { hosts: hosts("w1", "w2"), prepare } });
  const { urn, dependencies } = find(registrations, "remote:Command", "w1_prepare");
  expect(dependencies).toEqual([]);
  expect(find(registrations, ":HostEnrollment", "w1").dependencies).toEqual([urn]);
  expect(find(registrations, "remote:Command", "w1").dependencies).toEqual([
    find(registrations, ":HostEnrollment", "w1").urn,
  ]);
});

it("becomes root with sudo, and holds the credentials in secrets alone", async () => {
  const deploy = [{ name: "w1", address: "10.0.0.1", hostKey, user: "deploy" }];
  const registrations = await declare({ workers: { hosts: deploy, prepare } });
  const { inputs, secretInputs } = find(registrations, "remote:Command", "w1_prepare");
  expect(inputs.create).toMatch(/^sudo -n sh -c '/);
  expect(secretInputs).toEqual(["connection"]);
  const { connection: _, ...open } = inputs;
  expect(JSON.stringify(open)).not.toContain(privateKey);
});

it("is never the join of another node, whatever that is called", async () => {
  const names = ["w1", "w1-prepare", "w1.prepare"];
  const list = names.map((name, at) => ({ name, address: `10.0.0.${at + 1}`, hostKey }));
  const registrations = await declare({ workers: { hosts: list, prepare } });
  expect(new Set(registrations.map(({ urn }) => urn)).size).toBe(registrations.length);
  expect(commands(registrations)).toHaveLength(6);
});

describe("with a folder of files", () => {
  const sha256 = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
  const folderWith = (text: string): string => {
    const folder = mkdtempSync(join(tmpdir(), "nodepools-files-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, "images"));
    writeFileSync(join(folder, "images/a.tar"), text);
    return folder;
  };

  it("copies its contents to each member before the preparation, which is told what they are", async () => {
    const files = folderWith("foo");
    const registrations = await declare({
      workers: { hosts: hosts("w1", "w2"), prepare: { ...prepare, files } },
    });
    const copy = find(registrations, "remote:CopyToRemote", "w1_files");
    const command = find(registrations, "remote:Command", "w1_prepare");
    expect(copy.inputs).toEqual({
      connection: command.inputs.connection,
      source: expect.objectContaining({ path: `${files}/` }),
      remotePath: ".nodepools-files",
      triggers: [""],
    });
    expect(copy.secretInputs).toEqual(["connection"]);
    expect(copy.parent).toBe(command.parent);
    expect(command.dependencies).toEqual([copy.urn]);
    const found = [{ path: "images/a.tar", sha256 }];
    const plan = planPreparation("acme/nodepools/dev", { ...prepare, files }, found);
    expect(command.inputs.stdin).toBe(programInput(runner, renderPrepareInput(plan, program)));
    expect(command.inputs.triggers).toEqual([prepare, "", found]);
    expect(find(registrations, "remote:CopyToRemote", "w2_files").inputs.remotePath).toBe(".nodepools-files");
  });

  it("prepares anew for other contents or another rejoinTrigger, and for no other place of the same", async () => {
    const rejoining = hosts("w1").map((host) => ({ ...host, rejoinTrigger: "2" }));
    const triggersOf = async (pool: Parameters<typeof declare>[0][string]) =>
      find(await declare({ workers: pool }), "remote:Command", "w1_prepare").inputs.triggers;
    const files = folderWith("foo");
    const before = await triggersOf({ hosts: hosts("w1"), prepare: { ...prepare, files } });
    expect(
      await triggersOf({ hosts: hosts("w1"), prepare: { ...prepare, files: folderWith("foo") } }),
    ).toEqual(before);
    expect(
      await triggersOf({ hosts: hosts("w1"), prepare: { ...prepare, files: folderWith("bar") } }),
    ).not.toEqual(before);
    const again = await declare({ workers: { hosts: rejoining, prepare: { ...prepare, files } } });
    expect(find(again, "remote:CopyToRemote", "w1_files").inputs.triggers).toEqual(["2"]);
  });
});
