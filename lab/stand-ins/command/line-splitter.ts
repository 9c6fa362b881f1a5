// Cuts a stream of text pieces into lines.

/** Hands on each complete line; the rest comes at the end. */
export function lineSplitter(handOn: (line: string) => void): { push(text: string): void; end(): void } {
  let rest = "";
  return {
    push: (text) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) handOn(line);
    },
    end: () => {
      if (rest !== "") handOn(rest);
    },
  };
}
