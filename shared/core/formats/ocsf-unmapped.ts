import { toEcsFlat } from '../ecs-flat.ts';
import type { EcsEvent } from '../event.ts';

/** What the OCSF event holds in places of its own, and what only says the same once more. */
const mapped: ReadonlySet<string> = new Set([
  '@timestamp',
  'message',
  'event.action',
  'event.id',
  'event.outcome',
  'event.module',
  'event.dataset',
  'event.provider',
  'user.id',
  'user.email',
  'user.roles',
  'user.target.id',
  'organization.id',
  'http.request.method',
  'http.request.body.content',
  'http.response.status_code',
  'http.response.body.content',
  'source.ip',
  'url.full',
  'url.scheme',
  'url.domain',
  'url.port',
  'url.path',
  'url.query',
  'related.user',
  'related.ip',
  'observer.vendor',
  'observer.product',
]);

/** Everything else, under its ECS name with dots. */
export const unmappedOf = (event: EcsEvent, held: { readonly bodies: boolean }): Readonly<Record<string, unknown>> => {
  const isKept = ([name]: [string, unknown]): boolean =>
    !mapped.has(name) || (!held.bodies && name.endsWith('.body.content'));
  return Object.fromEntries(
    Object.entries(toEcsFlat(event)).filter(
      (entry) => isKept(entry) && !(entry[0] === 'source.address' && entry[1] === event.source?.ip),
    ),
  );
};
