/** The event for a hit that cannot be read, in the form that Elastic's pipelines use. */
import { ecsVersion } from '../catalogue/ecs-values.ts';
import { type ReadEvent, unattributed } from '../event.ts';
import { eventKey, streamOf } from '../event-key.ts';
import type { Instant } from '../instant.ts';
import type { Attribute } from '../tenants.ts';

/** The reason is a text of ours, because a parser's message could quote the hit, secrets included. */
export const unreadableEvent = (
  hit: { readonly index: string; readonly id: string; readonly sortTime: Instant | undefined },
  reason: string,
  attribute: Attribute,
  readAt: string,
): ReadEvent => {
  const tenant = attribute({ index: hit.index, organizations: [], users: [], emails: [] });
  return {
    key: eventKey(hit.index, hit.id),
    time: hit.sortTime,
    tenant,
    redactions: 0,
    event: {
      ...(hit.sortTime === undefined ? {} : { '@timestamp': `${hit.sortTime.slice(0, 23)}Z` }),
      ecs: { version: ecsVersion },
      event: {
        kind: 'pipeline_error',
        id: `${streamOf(hit.index)}/${hit.id}`,
        module: 'closer',
        dataset: 'closer.security',
        provider: 'closer',
        created: readAt,
      },
      error: { message: `The hit could not be read: ${reason}.` },
      observer: { vendor: 'Closer', product: 'Closer' },
      ...(tenant === unattributed ? { labels: { attribution: 'none' } } : {}),
    },
  };
};
