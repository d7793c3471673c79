import { once } from 'node:events';
import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';

/** Documents kept in a file, so that a long reading neither fills the memory nor holds a transaction open. */
export interface Spool<Document> {
  add(document: Document): Promise<void>;
  /** Ends the writing and returns all that was added, each time it is iterated. */
  read(): Promise<AsyncIterable<Document>>;
  remove(): void;
}

/** Returns an empty spool in `file`: JSON Lines. */
export function openSpool<Document>(file: string): Spool<Document> {
  const out = createWriteStream(file, { mode: 0o600 });
  return {
    async add(document) {
      if (!out.write(`${JSON.stringify(document)}\n`)) await once(out, 'drain');
    },
    async read() {
      out.end();
      await finished(out);
      return { [Symbol.asyncIterator]: () => lines<Document>(file) };
    },
    remove() {
      out.destroy();
      rmSync(file, { force: true });
    },
  };
}

async function* lines<Document>(file: string): AsyncGenerator<Document> {
  for await (const line of createInterface({ input: createReadStream(file) })) yield JSON.parse(line) as Document;
}
