/** What arrived, read back from the receiving side: the receiver's record and the folders. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** One webhook request, as the receiver judged it. */
export interface ReceivedRequest {
  readonly subscription: string;
  /** `webhook-id` */
  readonly id: string;
  readonly verified: boolean;
  /** `event.id` of each, in order. */
  readonly events: readonly string[];
}

export const readRecord = (path: string): readonly ReceivedRequest[] =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : [];

/**
 * The ids of the events that a subscription's webhook received; an event that came in two requests is there twice. A request that was
 * repeated under the same `webhook-id` counts once, because receivers tell repetitions by that id.
 */
export const webhookEvents = (record: readonly ReceivedRequest[], subscription: string): readonly string[] => {
  const requests = record.filter((request) => request.subscription === subscription && request.verified);
  return [...new Map(requests.map(({ id, events }) => [id, events])).values()].flat();
};

/** The ids of the events in all objects below a folder. */
export const folderEvents = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ndjson.gz'))
        .flatMap((name) =>
          gunzipSync(readFileSync(join(folder, name)))
            .toString('utf8')
            .split('\n')
            .filter(Boolean),
        )
        .map((line) => JSON.parse(line).event.id)
    : [];
