// How the bytes of a watch become events.
import { expect, it } from "vitest";
import { readEvents, type WatchEvent } from "../../../components/kube/watch-events.ts";

function streamOf(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function eventsIn(text: string, ...cuts: number[]) {
  const bytes = Buffer.from(text);
  const chunks = [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index]));
  const batches: (readonly WatchEvent[])[] = [];
  for await (const batch of readEvents(streamOf(...chunks))) batches.push(batch);
  return batches;
}

const added = { type: "ADDED", object: { metadata: { name: "büro" } } };
const deleted = { type: "DELETED", object: {} };
const line = (event: unknown) => `${JSON.stringify(event)}\n`;

it("gives the events of one packet together", async () => {
  expect(await eventsIn(line(added) + line(deleted))).toEqual([[added, deleted]]);
});

it("joins an event that is split anywhere, even within a letter", async () => {
  const text = line(added) + line(deleted);
  for (let cut = 1; cut < Buffer.from(text).length; cut++)
    expect((await eventsIn(text, cut)).flat()).toEqual([added, deleted]);
});

it("leaves out the event that the end of the connection cut off", async () => {
  expect(await eventsIn(`${line(added)}{"type":"DELETED","obj`)).toEqual([[added]]);
});
