import { toEcsFlat } from '../ecs-flat.ts';
import type { EcsEvent } from '../event.ts';

type OcsfAttributes = Readonly<Record<string, unknown>>;

/** Where an OCSF event may hold a field, class by class another; a field that stands at none of its places is kept under `unmapped`. */
const places: ReadonlyMap<string, readonly (readonly string[])[]> = new Map(
  Object.entries({
    message: ['message'],
    'event.action': ['metadata.event_code'],
    'event.id': ['metadata.uid'],
    'user.id': ['actor.user.uid', 'user.uid'],
    'user.email': ['actor.user.name', 'user.name'],
    'user.target.id': ['user.uid', 'entity.user.uid', 'resources.0.uid'],
    'organization.id': ['metadata.tenant_uid'],
    'http.request.method': ['http_request.http_method'],
    'http.response.status_code': ['http_response.code'],
    'source.ip': ['src_endpoint.ip'],
    'source.address': ['src_endpoint.ip'],
    'url.full': ['http_request.url.url_string'],
    'url.scheme': ['http_request.url.scheme'],
    'url.domain': ['http_request.url.hostname'],
    'url.port': ['http_request.url.port'],
    'url.path': ['http_request.url.path'],
    'url.query': ['http_request.url.query_string'],
  }).map(([name, paths]) => [name, paths.map((path) => path.split('.'))]),
);

/** What says the same once more, or of every event. */
const repeated: ReadonlySet<string> = new Set([
  'event.module',
  'event.dataset',
  'event.provider',
  'related.user',
  'related.ip',
  'observer.vendor',
  'observer.product',
]);

/** Every field of the event that its OCSF form holds nowhere else, under its ECS name with dots. */
export const unmappedOf = (event: EcsEvent, ocsf: OcsfAttributes): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(toEcsFlat(event)).filter(([name, value]) => !repeated.has(name) && !holds(ocsf, name, value)),
  );

const holds = (ocsf: OcsfAttributes, name: string, value: unknown): boolean => {
  switch (name) {
    case '@timestamp':
      return Date.parse(String(value)) === ocsf['time'];
    case 'event.outcome':
      return String(ocsf['status']).toLowerCase() === value;
    case 'user.roles':
      return holdsRoles(at(ocsf, ['actor', 'user', 'groups']) ?? at(ocsf, ['user', 'groups']), value);
    case 'http.request.body.content':
      return at(ocsf, ['api', 'request', 'data']) !== undefined;
    case 'http.response.body.content':
      return at(ocsf, ['api', 'response', 'data']) !== undefined;
    // The user of a login is who logged in, whomever the event names as its target.
    case 'user.target.id':
      if (ocsf['class_uid'] === 3002) return false;
  }
  return places.get(name)?.some((path) => at(ocsf, path) === value) === true;
};

const holdsRoles = (groups: unknown, roles: unknown): boolean =>
  Array.isArray(groups) &&
  Array.isArray(roles) &&
  groups.length === roles.length &&
  groups.every(({ name }: { name?: unknown }, index) => name === roles[index]);

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (level, key) => (typeof level === 'object' && level !== null ? Reflect.get(level, key) : undefined),
    value,
  );
