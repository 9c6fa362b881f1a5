// What a long command that failed has said.
import { expect, it } from "vitest";
import { followCommand } from "../../../../lab/toolchain/follow-command.ts";

it("shows what went wrong, and not the names of what was compiled after it", async () => {
  const seen: string[] = [];
  const failure = followCommand({
    doing: "building x",
    argv: [
      "sh",
      "-c",
      "echo ./main.go:3: undefined: y >&2; for at in $(seq 20); do echo net/http$at >&2; done; exit 1",
    ],
    onLine: (line) => seen.push(line),
    isProgress: (line) => !line.includes(" "),
    timeoutSeconds: 20,
    remedy: "Mend it.",
  });
  await expect(failure).rejects.toThrow(/: exit status 1\. Mend it\. Its last lines:\n.*undefined: y$/);
  expect(seen).toHaveLength(21);
});
