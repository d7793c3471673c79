import { createHash } from 'node:crypto';
import { openWire, type Wire } from '../wire.fixture.ts';

/** A server that holds buckets, as far as listing and reading go. Pages are of two keys, so that there are many. */
export interface Buckets extends Wire {
  put(uri: string, contents: string | Buffer, modified?: string): void;
  remove(uri: string): void;
  /** Called before each object is given; may change the buckets. */
  beforeGet(listener: (uri: string) => void): void;
}

const xml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const tagOf = (contents: Buffer) => `"${createHash('md5').update(contents).digest('hex')}"`;

export async function openBuckets(): Promise<Buckets> {
  const objects = new Map<string, { contents: Buffer; modified: string }>();
  let listener: (uri: string) => void = () => undefined;
  const wire = await openWire(({ path, headers }) => {
    const url = new URL(path, 'http://s3');
    const [bucket = '', ...rest] = url.pathname.slice(1).split('/').map(decodeURIComponent);
    if (url.searchParams.get('list-type') === '2') return list(bucket, url.searchParams);
    const uri = `s3://${bucket}/${rest.join('/')}`;
    listener(uri);
    const found = objects.get(uri);
    if (found === undefined)
      return { status: 404, body: '<Error><Code>NoSuchKey</Code><Message>none</Message></Error>' };
    const etag = tagOf(found.contents);
    if (headers['if-match'] !== undefined && headers['if-match'] !== etag)
      return { status: 412, body: '<Error><Code>PreconditionFailed</Code><Message>other</Message></Error>' };
    return { body: found.contents, headers: { etag } };
  });
  return {
    ...wire,
    put: (uri, contents, modified = '2025-04-01T00:00:00Z') =>
      void objects.set(uri, { contents: Buffer.from(contents), modified }),
    remove: (uri) => void objects.delete(uri),
    beforeGet: (given) => {
      listener = given;
    },
  };

  function list(bucket: string, query: URLSearchParams) {
    const start = `s3://${bucket}/${query.get('prefix') ?? ''}`;
    if (![...objects.keys()].some((uri) => uri.startsWith(`s3://${bucket}/`)))
      return { status: 404, body: '<Error><Code>NoSuchBucket</Code><Message>none</Message></Error>' };
    const found = [...objects].filter(([uri]) => uri.startsWith(start)).sort(([a], [b]) => (a < b ? -1 : 1));
    const from = Number(query.get('continuation-token') ?? 0);
    const contents = found
      .slice(from, from + 2)
      .map(
        ([uri, { contents: held, modified }]) =>
          `<Contents><Key>${xml(uri.slice(`s3://${bucket}/`.length))}</Key><ETag>${tagOf(held)}</ETag><Size>${held.length}</Size><LastModified>${modified}</LastModified></Contents>`,
      );
    const more = from + 2 < found.length;
    const next = more ? `<NextContinuationToken>${from + 2}</NextContinuationToken>` : '';
    return {
      body: `<?xml version="1.0"?><ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`,
    };
  }
}
