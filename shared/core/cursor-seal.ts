import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { BadRequest } from './errors.ts';
import { type Instant, toInstant } from './instant.ts';

/** A place in the total order of events: by time, then by key. */
export interface Position {
  readonly time: Instant;
  /** Absent: behind all events of this time. */
  readonly key?: string;
}

/** The content of a cursor, which callers cannot read. */
export interface QueryCursor {
  readonly position: Position;
  readonly sort: 'asc' | 'desc';
  /** `filterHash` of the question. */
  readonly filter: string;
  /** What `now` was when the question was first asked, epoch ms: `now-24h` keeps its meaning from page to page. */
  readonly asOfMs: number;
}

/** Seals cursors for one tenant each. A cursor never expires, but opens only for the tenant it was sealed for. */
export interface CursorSeal {
  seal(tenant: string, cursor: QueryCursor): string;
  /** @throws BadRequest `cursor`: cut, changed, made up, another tenant's, or sealed under a root key that is gone */
  open(tenant: string, text: string): QueryCursor;
}

const layout = 1;
const nonceBytes = 12;
const tagBytes = 16;
const maxText = 1_024;

/**
 * AES-256-GCM under keys derived (HKDF-SHA-256) from the root key; the tenant is the additional data. The nonce is a keyed hash of the
 * content, so equal cursors give equal texts and no nonce is used for two contents.
 *
 * @param rootKeys the current one, which seals, and those before it, which still open
 * @see NIST SP 800-38D, RFC 5869
 */
export const cursorSeal = (rootKeys: readonly [string, ...string[]]): CursorSeal => {
  const [current, ...previous] = rootKeys;
  const sealing = keysFrom(current);
  const opening = [sealing, ...previous.map(keysFrom)];
  return {
    seal: (tenant, cursor) => {
      const plain = Buffer.from(
        JSON.stringify([cursor.position.time, cursor.position.key ?? null, cursor.sort, cursor.filter, cursor.asOfMs]),
      );
      const nonce = createHmac('sha256', sealing.nonce)
        .update(`${tenant.length}:${tenant}`)
        .update(plain)
        .digest()
        .subarray(0, nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', sealing.content, nonce).setAAD(aadOf(tenant));
      const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([Buffer.of(layout), nonce, sealed, cipher.getAuthTag()]).toString('base64url');
    },
    open: (tenant, text) => {
      const bytes = bytesOf(text);
      for (const { content } of opening) {
        const plain = bytes && opened(bytes, content, tenant);
        if (plain !== undefined) return contentOf(plain);
      }
      throw new BadRequest(
        'cursor',
        'is not one that was given here. Take next as it was answered, with the same key, or leave it out.',
      );
    },
  };
};

interface Keys {
  readonly content: KeyObject;
  readonly nonce: KeyObject;
}

const keysFrom = (rootKey: string): Keys => {
  const derive = (use: string) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', rootKey, '', `sluice/query-cursor/${layout}/${use}`, 32)));
  return { content: derive('content'), nonce: derive('nonce') };
};

const aadOf = (tenant: string): Buffer => Buffer.from(`${layout}:${tenant}`);

/** The bytes of a text that has exactly the form that `seal` gives; `undefined` for any other text. */
const bytesOf = (text: string): Buffer | undefined => {
  if (text.length > maxText) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  const complete = bytes.length > 1 + nonceBytes + tagBytes && bytes[0] === layout;
  return complete && bytes.toString('base64url') === text ? bytes : undefined;
};

const opened = (bytes: Buffer, key: KeyObject, tenant: string): string | undefined => {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 1 + nonceBytes), { authTagLength: tagBytes })
    .setAAD(aadOf(tenant))
    .setAuthTag(bytes.subarray(-tagBytes));
  const start = decipher.update(bytes.subarray(1 + nonceBytes, -tagBytes));
  try {
    return Buffer.concat([start, decipher.final()]).toString();
  } catch {
    // The tag does not match: another key or another tenant. The caller is not told which.
    return undefined;
  }
};

const contentOf = (plain: string): QueryCursor => {
  const [time, key, sort, filter, asOfMs] = JSON.parse(plain) as [
    string,
    string | null,
    'asc' | 'desc',
    string,
    number,
  ];
  const instant = toInstant(time);
  if (instant === undefined) throw new Error('A sealed cursor holds no time.');
  return { position: key === null ? { time: instant } : { time: instant, key }, sort, filter, asOfMs };
};
