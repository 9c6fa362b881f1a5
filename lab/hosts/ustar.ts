// Packs files into a tar archive (POSIX ustar). Pure: the same files give the same bytes.

/** One entry of an archive; `data` makes it a file, `link` a symbolic link, neither a folder. */
export interface ArchiveEntry {
  readonly path: string;
  readonly mode?: number;
  readonly data?: Buffer;
  readonly link?: string;
}

const blockSize = 512;

/** Packs the entries in their order. Paths are limited to 100 bytes. */
export function packArchive(entries: readonly ArchiveEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => [header(entry), padded(entry.data ?? Buffer.alloc(0))]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockSize)]);
}

function header(entry: ArchiveEntry): Buffer {
  if (Buffer.byteLength(entry.path) > 100) throw new Error(`packing "${entry.path}": longer than 100 bytes.`);
  const block = Buffer.alloc(blockSize);
  block.write(entry.path, 0);
  block.write(octal(entry.mode ?? 0o755, 7), 100);
  block.write(octal(0, 7), 108); // user
  block.write(octal(0, 7), 116); // group
  block.write(octal(entry.data?.length ?? 0, 11), 124);
  block.write(octal(0, 11), 136); // time: fixed, so that equal content is an equal image
  block.write(" ".repeat(8), 148); // the checksum counts itself as blanks
  block.write(typeFlag(entry), 156);
  block.write(entry.link ?? "", 157);
  block.write("ustar\u000000", 257);
  const checksum = block.reduce((sum, byte) => sum + byte, 0);
  block.write(`${octal(checksum, 6)}\u0000 `, 148);
  return block;
}

function typeFlag(entry: ArchiveEntry): string {
  if (entry.data !== undefined) return "0";
  return entry.link === undefined ? "5" : "2";
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

function padded(data: Buffer): Buffer {
  const rest = data.length % blockSize;
  return rest === 0 ? data : Buffer.concat([data, Buffer.alloc(blockSize - rest)]);
}
