// M6: ConfigMaps of kubeadm's that somebody else has written.
import { expect, it, vi } from "vitest";
import { parsePublished } from "../../../components/kubeadm/published-yaml.ts";

const lines = (text: string) => {
  try {
    parsePublished("kube-system/kubelet-config", text);
    return ["read"];
  } catch (error) {
    return (error as Error).message.split("\n");
  }
};

it.each(["a: [\nerror: FORGED\n\x1b[2K", "a: b: c\nFORGED: x", `${"a: &a [x]\nb: *".padEnd(200, "z")}\n`])(
  "M6 is told as no YAML in one line that names it: %j",
  (text) => {
    const [line = "", ...more] = lines(text);
    expect(more).toEqual([]);
    expect(line).toMatch(
      /^reading ConfigMap "kube-system\/kubelet-config": it is no YAML that can be read: /,
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be left
    expect(line).not.toMatch(/[\u0000-\u001f]/);
  },
);

it("M6 has the parser warn of nothing in its own words", () => {
  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  expect(lines("a: !forged b\n")).toEqual(["read"]);
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});
