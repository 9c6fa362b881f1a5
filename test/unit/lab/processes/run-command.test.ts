import { describe, expect, it } from "vitest";
import { captureCommand, runCommand } from "../../../../lab/processes/run-command.ts";

describe("captureCommand", () => {
  it("returns output and status, and passes standard input", async () => {
    expect(await captureCommand(["sh", "-c", "cat; echo no >&2; exit 3"], { stdin: "yes" })).toEqual({
      status: 3,
      signal: null,
      stdout: "yes",
      stderr: "no\n",
    });
  });

  it("kills a command that takes too long", async () => {
    const result = await captureCommand(["sleep", "60"], { timeoutSeconds: 0.1 });
    expect(result).toMatchObject({ status: null, signal: "SIGKILL" });
  });

  it("says which program does not exist", async () => {
    await expect(captureCommand(["/nowhere/tool"])).rejects.toThrow(
      'running "/nowhere/tool": spawn /nowhere/tool ENOENT',
    );
  });

  it("survives a command that does not read its input", async () => {
    expect(await captureCommand(["true"], { stdin: "x".repeat(1_000_000) })).toMatchObject({ status: 0 });
  });
});

describe("runCommand", () => {
  it("returns standard output", async () => {
    expect(await runCommand(["echo", "text"])).toBe("text\n");
  });

  it("throws with the command, its status and its last words", async () => {
    await expect(runCommand(["sh", "-c", "echo broken >&2; exit 4"])).rejects.toThrow(
      /^running "sh -c echo broken >&2; exit 4": exit status 4: broken$/,
    );
  });
});
