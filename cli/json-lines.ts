/** One line of a stream: its bytes, or only its beginning where it is longer than the limit. */
export interface Line {
  bytes: Buffer;
  cut: boolean;
}

const NEWLINE = 0x0a;

/**
 * Yields the lines of a stream as they come, without their ends. Of a line longer than `limit` bytes it keeps the beginning and
 * passes over the rest, so no input makes it hold more.
 */
export async function* readLines(input: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let length = 0;
  const line = (): Line => ({ bytes: Buffer.concat(parts).subarray(0, limit), cut: length > limit });
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      if (length <= limit) parts.push(chunk.subarray(start, end));
      length += end - start;
      yield line();
      parts = [];
      length = 0;
      start = end + 1;
    }
    if (length <= limit) parts.push(chunk.subarray(start));
    length += chunk.length - start;
  }
  if (length > 0) yield line();
}
