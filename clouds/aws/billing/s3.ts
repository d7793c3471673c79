import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { PennyError } from '../../../errors.ts';
import { nameOf } from '../errors.ts';
import type { AwsPlace } from '../place.ts';

/** An object of a bucket. `etag` changes with its contents. */
export interface StoredObject {
  bucket: string;
  key: string;
  etag: string;
  size: number;
  /** In milliseconds. */
  modified: number;
}

/** Returns the bucket and the key, or the beginning of keys, that 's3://bucket/key' names. */
export function parseUri(uri: string): { bucket: string; prefix: string } {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/i.exec(uri) ?? [];
  if (bucket === '') throw new PennyError('invalid_input', `${uri} is not like s3://bucket/prefix.`);
  return { bucket, prefix: prefix.replace(/\/+$/, '') };
}

/** Returns the URI of an object, with its contents' tag when asked for. */
export function uriOf({ bucket, key, etag }: StoredObject, options: { tagged?: boolean } = {}): string {
  return `s3://${bucket}/${key}${options.tagged ? `#${etag.replaceAll('"', '')}` : ''}`;
}

/**
 * Returns the objects that a URI means: the one of this key, or all below it.
 * @throws PennyError `not_found`, `invalid_input`, `cloud_denied`, `cloud_unavailable`, `cloud_budget`
 */
export async function listObjects(place: AwsPlace, uri: string): Promise<StoredObject[]> {
  const { bucket, prefix } = parseUri(uri);
  const objects: StoredObject[] = [];
  try {
    const pages = paginateListObjectsV2({ client: place.client(S3Client) }, { Bucket: bucket, Prefix: prefix });
    for await (const { Contents } of pages) {
      for (const { Key: key = '', ETag: etag = '', Size: size = 0, LastModified } of Contents ?? []) {
        const isMeant = prefix === '' || key === prefix || key.startsWith(`${prefix}/`);
        if (isMeant && size > 0) objects.push({ bucket, key, etag, size, modified: LastModified?.getTime() ?? 0 });
      }
    }
  } catch (error) {
    if (nameOf(error) !== 'NoSuchBucket') throw error;
    throw new PennyError('not_found', `There is no bucket ${bucket}.`, { cause: error });
  }
  if (objects.length === 0) throw new PennyError('not_found', `There is nothing at ${uri}.`);
  return objects;
}

/** Returns the text of a small object. */
export async function readText(place: AwsPlace, object: StoredObject): Promise<string> {
  const body = await open(place, object);
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Copies an object below `folder`, where `pathOf` says.
 * @throws PennyError `conflict` when it was replaced since it was listed, `file_unreadable`, `cloud_denied`, `cloud_unavailable`
 */
export async function copyObject(
  place: AwsPlace,
  object: StoredObject,
  folder: string,
  signal?: AbortSignal,
): Promise<void> {
  const path = pathOf(object, folder);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await pipeline(await open(place, object), createWriteStream(path, { mode: 0o600 }), { signal });
  } catch (error) {
    if (error instanceof PennyError || signal?.aborted) throw error;
    throw new PennyError('cloud_unavailable', `${uriOf(object)} broke off while it was read.`, { cause: error });
  }
}

/** Returns where an object is copied to: bucket/key below the folder. Keys are free text: one that leads out of the folder is refused. */
export function pathOf(object: StoredObject, folder: string): string {
  const parts = [object.bucket, ...object.key.split('/')];
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\\') || part.includes('\0')))
    throw new PennyError('file_unreadable', `${uriOf(object)} has a name that no file can have here.`);
  return join(folder, parts.join(sep));
}

async function open(place: AwsPlace, object: StoredObject): Promise<Readable> {
  const { bucket: Bucket, key: Key, etag: IfMatch } = object;
  try {
    const { Body } = await place.client(S3Client).send(new GetObjectCommand({ Bucket, Key, IfMatch }));
    if (Body === undefined) throw new PennyError('cloud_unavailable', `${uriOf(object)} came without contents.`);
    return Body as Readable;
  } catch (error) {
    if (['PreconditionFailed', 'NoSuchKey', '412'].includes(nameOf(error))) {
      const message = `${uriOf(object)} was replaced while it was read. Run it again: the newer one is then taken.`;
      throw new PennyError('conflict', message, { cause: error });
    }
    if (nameOf(error) === 'InvalidObjectState')
      throw new PennyError('file_unreadable', `${uriOf(object)} is archived. Restore it first.`, { cause: error });
    throw error;
  }
}
