import type { EcsEvent } from '../shared/core/event.ts';

/** An event in one line for people: when, what, how it ended, who, from where. */
export const eventSentence = (event: EcsEvent): string =>
  [
    event['@timestamp'] ?? '(no readable time)',
    event.event.action ?? '(no action)',
    event.event.outcome,
    event.http?.response?.status_code,
    event.user?.email ?? event.user?.id ?? '(no user)',
    event.source?.ip && `from ${event.source.ip}`,
    event.event.id,
  ]
    .filter((part) => part !== undefined && part !== '')
    .join('  ');
