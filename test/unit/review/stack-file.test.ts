// What a stack's file declares, read without Pulumi, decrypting nothing.
import { describe, expect, it } from "vitest";
import { parseProject, parseStackFile } from "../../../components/review/stack-file.ts";

const none = { defaults: {} };

describe("a stack's file", () => {
  it("is read as the engine hands it over, also where a key holds JSON text or its former name", () => {
    const text = `config:
  nodepools:cluster: { kubeconfig: a.conf }
  nodepools:config:ssh: { agent: true }
  nodepools:pools: '[{ "name": "a", "hosts": [] }]'
`;
    expect(parseStackFile(text, none).raw).toEqual({
      cluster: { kubeconfig: "a.conf" },
      ssh: { agent: true },
      pools: [{ name: "a", hosts: [] }],
      hasSecretInPools: false,
    });
  });

  it("has stand-ins for what is encrypted, which differ when it was encrypted anew", () => {
    const read = (secure: string) =>
      parseStackFile(`config: { nodepools:ssh: { privateKey: { secure: ${secure} } } }`, none).raw?.ssh;
    const [one, other] = [JSON.stringify(read("v1:abc")), JSON.stringify(read("v1:abd"))];
    expect(one).toBe(JSON.stringify(read("v1:abc")));
    expect(one).not.toBe(other);
    expect(one.includes("v1:abc")).toBe(false);
  });

  it("tells that something in pools is encrypted", () => {
    const text = "config: { nodepools:pools: [{ name: { secure: v1:a } }] }";
    expect(parseStackFile(text, none).raw?.hasSecretInPools).toBe(true);
  });

  it("takes what Pulumi.yaml sets for all stacks, and a stack's own value before it", () => {
    const project = parseProject(`name: nodepools
config:
  nodepools:cluster: { value: { kubeconfig: all.conf } }
  ssh: { type: object, default: { agent: true } }
  pools: { type: array }
`);
    const { raw } = parseStackFile("config: { nodepools:cluster: { kubeconfig: own.conf } }", project);
    expect(raw).toMatchObject({ cluster: { kubeconfig: "own.conf" }, ssh: { agent: true } });
    expect(raw?.pools).toBeUndefined();
  });

  it.each([
    { text: "config:\n  a: [\n", fault: "line 3 is not YAML (BAD_INDENT)" },
    { text: "config:\n  a: 1\n  a: 2\n", fault: "line 3 is not YAML (DUPLICATE_KEY)" },
    { text: "a: *b\n", fault: "its aliases do not resolve, or unfold into too much" },
  ])("is refused without quoting it: $fault", ({ text, fault }) => {
    expect(parseStackFile(text, none)).toEqual({ fault });
  });

  it("does not unfold aliases without bound", () => {
    const levels = Array.from({ length: 30 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]`);
    const text = `a0: &a0 [x, x]\n${levels.join("\n")}\n`;
    expect(parseStackFile(text, none)).toEqual({
      fault: "its aliases do not resolve, or unfold into too much",
    });
  });
});
