import * as z from 'zod';
import { tenantIdShape, unattributed } from '../event.ts';
import type { Manifest } from '../segment.ts';

const whole = z.int().min(0);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
const part = z.object({ offset: whole, length: whole, count: whole });
const tenant = z.string().refine((id) => id === unattributed || tenantIdShape.test(id));

/** The form of a manifest, checked because anybody may have written the file. Fields of a later version are allowed: the hash covers them. */
const form = z.object({
  source: z.string(),
  seq: whole.min(1),
  kind: z.enum(['scan', 'late', 'exception', 'reattributed']),
  reattributes: z.object({ from: whole.min(1), to: whole.min(1) }).optional(),
  committedAt: z.iso.datetime(),
  count: whole.min(1),
  minTime: instant.nullable(),
  maxTime: instant.nullable(),
  maxTimeSoFar: instant.nullable(),
  begin: instant,
  watermark: instant,
  keys: part,
  tenants: z.record(tenant, part),
  minutes: z.record(z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/), whole.min(1)),
  object: z.string(),
  sha256: hash,
  previous: hash,
  hash,
});

/** The manifest in bytes of the store; if they hold none, a text that says why. */
export const readManifest = (bytes: Uint8Array): Manifest | string => {
  const json = readJson(bytes);
  if (json === undefined) return `${bytes.length} bytes that are no JSON`;
  const read = form.safeParse(json);
  if (read.success) return json as Manifest;
  const [issue] = read.error.issues;
  return `a field that cannot be (${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'unreadable'})`;
};

/** `undefined` when the bytes are no JSON in UTF-8. */
export const readJson = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
};
