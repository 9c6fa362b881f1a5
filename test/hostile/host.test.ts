// M3, M6: a host that floods, lies, stalls and sends escapes: a server on loopback in the place of its sshd.
import { createServer } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { inspectHost } from "../../components/providers/host.ts";
import { openSession } from "../../components/ssh/session.ts";
import { failure } from "../provider/ssh/failure.ts";
import { evil, expectHarmless, longEvil } from "./evil.ts";
import { answer, type LyingServer, startLyingServer } from "./ssh-server.ts";

async function serve(...behaviour: Parameters<typeof startLyingServer>): Promise<LyingServer> {
  const server = await startLyingServer(...behaviour);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

async function inspect({ host, credentials }: LyingServer) {
  await using session = await openSession(host, credentials);
  return await inspectHost(session);
}

it.each(["stdout", "stderr"])(
  "M3 a flood of %s is cut off after a mebibyte, and costs no memory",
  async (stream) => {
    const block = "leftover=/a\n".repeat(10_000);
    const server = await serve((channel) => {
      const sink = stream === "stdout" ? channel : channel.stderr;
      const flood = () => {
        while (!channel.destroyed && sink.write(block));
        if (!channel.destroyed) sink.once("drain", flood);
      };
      flood();
    });
    const before = process.memoryUsage().rss;
    const error = await failure(inspect(server));
    expect(error.kind).toBe("script");
    expect(error.message).toContain(`it wrote more than 1024 KiB to ${stream}`);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  },
);

it("M3 a mebibyte of one key is read in no time, and kept in part", async () => {
  const lies = `${"leftover=/a\n".repeat(80_000)}machine_id=m1\ncomplete=yes\n`;
  const server = await serve((channel) => answer(channel, lies));
  const findings = await inspect(server);
  expect(findings).toMatchObject({ machineId: "m1" });
  expect(findings.leftovers).toHaveLength(100);
}, 20_000);

it("M3 a host that never ends a command is given up at the command's own deadline", async () => {
  const server = await serve((channel) => void channel.stderr.write("patience\n"));
  await using session = await openSession(server.host, server.credentials);
  const error = await failure(session.run("true", { task: "probe", timeoutSeconds: 2 }));
  expect(error.kind).toBe("timeout");
  expect(error.message).toContain("not finished after 2 s; last output: patience.");
});

it.each([
  ["short", evil],
  ["100 kB", longEvil],
])("M6 last words move no cursor and forge no line: %s", async (_length, text) => {
  const stderr = `${text}\n`;
  const server = await serve((channel) => answer(channel, "", { status: 3, stderr }));
  const error = await failure(inspect(server));
  expect(error.message).toContain("exit status 3: ");
  // Of a flood the end is shown, which has nothing of a liar's in it.
  if (text === evil) expectHarmless(error.message);
  expect(error.message.length).toBeLessThan(6000);
});

it("M6 greetings of a host that runs no program, and whose it is instead, come in bounded lines", async () => {
  const mute = await serve((channel) => {
    channel.exit(1);
    channel.end(evil);
  });
  const refusal = await failure(inspect(mute));
  expect(refusal.kind).toBe("login");
  expectHarmless(refusal.message);
  const other = await serve((channel) => {
    channel.exit(77);
    channel.end(`\n[nodepools] begins as ${longEvil.replaceAll(/\s/g, "_")}\n`);
  });
  expectHarmless((await failure(inspect(other))).message);
});

it("M6 a server that begins with no SSH at all is told in its own words, shown", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end(`SSH-1.99-${evil}\r\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  const { host, credentials } = await serve(() => undefined);
  const error = await failure(openSession({ ...host, port }, credentials));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be left
  expect(error.message).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
}, 120_000);
