/**
 * An event as OCSF 1.8.0: classes 3001, 3002, 3004, 3005 and, for all that fits none of them, API Activity 6003. What has no place in this very
 * event is under `unmapped`, so nothing is lost but what `related` only repeats and what is the same in every event.
 * @see https://schema.ocsf.io/1.8.0
 */
import type { EcsEvent } from '../event.ts';
import { type ClassUid, type OcsfClass, ocsfClassOf } from './ocsf-classes.ts';
import { type OcsfUser, requesterOf, targetOf, unauthenticatedUser, unknownUser } from './ocsf-people.ts';
import { unmappedOf } from './ocsf-unmapped.ts';
import { parsedBody } from './parsed-body.ts';

/** Attributes of OCSF; one that is `undefined` counts as absent. */
export type OcsfEvent = Readonly<Record<string, unknown>>;

const classNames: Readonly<Record<ClassUid, string>> = {
  3001: 'Account Change',
  3002: 'Authentication',
  3004: 'Entity Management',
  3005: 'User Access Management',
  6003: 'API Activity',
};

const severities = ['Unknown', 'Informational', 'Low', 'Medium', 'High', 'Critical'] as const;
const logonTypes = new Map([[3, 'Network']]);
const methods = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE']);

export const toOcsf = (event: EcsEvent): OcsfEvent => {
  const kind = ocsfClassOf(event);
  const attributes = withoutAbsent({
    activity_id: kind.activityId,
    activity_name: kind.activityName,
    category_uid: kind.classUid === 6003 ? 6 : 3,
    category_name: kind.classUid === 6003 ? 'Application Activity' : 'Identity & Access Management',
    class_uid: kind.classUid,
    class_name: classNames[kind.classUid],
    type_uid: kind.classUid * 100 + kind.activityId,
    type_name: `${classNames[kind.classUid]}: ${kind.activityId === 99 ? 'Other' : kind.activityName}`,
    time: timeOf(event),
    severity_id: kind.severityId,
    severity: severities[kind.severityId],
    ...statusOf(event),
    message: event.message,
    metadata: metadataOf(event),
    src_endpoint: event.source?.ip === undefined ? { name: 'unknown' } : { ip: event.source.ip },
    dst_endpoint: kind.classUid === 3002 && event.url?.domain ? { hostname: event.url.domain } : undefined,
    http_request: requestOf(event),
    http_response: responseCodeOf(event),
    observables: observablesOf(event),
    ...placesOf(event, kind),
  });
  return { ...attributes, unmapped: unmappedOf(event, attributes) };
};

/** OCSF has no time before 1970: such an event has the time at which it was read, like one without a time. */
const timeOf = ({ '@timestamp': time, event }: EcsEvent): number => {
  const ms = Date.parse(time ?? '');
  return ms >= 0 ? ms : Math.max(Date.parse(event.created) || 0, 0);
};

/** The attributes of each class. */
const placesOf = (event: EcsEvent, kind: OcsfClass): OcsfEvent => {
  const requester = requesterOf(event);
  const target = targetOf(event);
  const actor = requester && { user: requester };
  switch (kind.classUid) {
    case 3001:
      return { actor: target && actor, user: target ?? requester ?? unknownUser };
    case 3002:
      return {
        user: requester ?? unknownUser,
        service: { name: 'Closer' },
        auth_protocol_id: kind.login?.protocolId,
        auth_protocol: kind.login?.protocol,
        logon_type_id: kind.login?.logonTypeId,
        logon_type: logonTypes.get(kind.login?.logonTypeId ?? -1),
        is_remote: true,
      };
    case 3004:
      return { actor, entity: entityOf(event, kind, target ?? requester) };
    case 3005:
      return { actor, user: target ?? requester ?? unknownUser, privileges: privilegesOf(event) };
    case 6003:
      return { actor: actor ?? { user: unauthenticatedUser }, api: apiOf(event), resources: resourcesOf(event, kind) };
    default:
      return kind.classUid satisfies never;
  }
};

const statusOf = ({ event, http }: EcsEvent): OcsfEvent => {
  const code = http?.response?.status_code;
  const detail = parsedBody(http?.response?.body?.content)?.['code'];
  const named = { status_code: code === undefined ? undefined : String(code) };
  switch (event.outcome) {
    case 'success':
      return { status_id: 1, status: 'Success', ...named };
    case 'failure':
      return {
        status_id: 2,
        status: 'Failure',
        ...named,
        status_detail: typeof detail === 'string' ? detail : undefined,
      };
    default:
      return { status_id: 0, status: 'Unknown', ...named };
  }
};

const metadataOf = ({ event, organization }: EcsEvent): OcsfEvent =>
  withoutAbsent({
    version: '1.8.0',
    product: { name: 'Closer', vendor_name: 'Closer' },
    uid: event.id,
    event_code: event.action,
    log_name: event.id.includes('/') ? event.id.slice(0, event.id.indexOf('/')) : undefined,
    logged_time: Date.parse(event.created) || undefined,
    tenant_uid: organization?.id,
  });

const entityOf = (event: EcsEvent, { entity, resource }: OcsfClass, user: OcsfUser | undefined): OcsfEvent => {
  const { typeId = 0, type = 'Unknown' } = entity ?? {};
  const data = parsedBody(event.http?.request?.body?.content);
  const base = { type_id: typeId, type, data };
  if (typeId === 2) return withoutAbsent({ ...base, uid: user?.uid, user: user ?? unknownUser });
  const org = typeId === 4 ? event.organization?.id : undefined;
  return withoutAbsent({ ...base, ...(org ? { uid: org } : { name: resource ?? 'unknown' }) });
};

const privilegesOf = ({ http }: EcsEvent): readonly string[] => {
  const role = parsedBody(http?.request?.body?.content)?.['role'];
  return [typeof role === 'string' && role !== '' ? role : 'unknown'];
};

const apiOf = ({ event, http }: EcsEvent): OcsfEvent => ({
  operation: event.action ?? 'unknown',
  request: withoutAbsent({ uid: event.id, data: dataOf(http?.request?.body?.content) }),
  response: withoutAbsent({ code: http?.response?.status_code, data: dataOf(http?.response?.body?.content) }),
});

/** OCSF's `data` is any JSON; what is none is kept as the text it is. */
const dataOf = (content: string | undefined): unknown =>
  content === undefined ? undefined : (parsedBody(content) ?? { content });

const resourcesOf = ({ user }: EcsEvent, { resource }: OcsfClass): readonly OcsfEvent[] | undefined =>
  resource === undefined
    ? undefined
    : [
        withoutAbsent({
          type: resource,
          name: resource,
          uid: user?.target?.id,
          role_id: 1,
          role: 'Target',
        }),
      ];

const requestOf = ({ http, url }: EcsEvent): OcsfEvent | undefined => {
  const method = http?.request?.method;
  const request = withoutAbsent({
    http_method: method !== undefined && methods.has(method) ? method : undefined,
    body_length: http?.request?.body?.bytes,
    url: urlOf(url),
  });
  return Object.keys(request).length === 0 ? undefined : request;
};

const urlOf = (url: EcsEvent['url']): OcsfEvent | undefined =>
  url?.full === undefined && url?.path === undefined
    ? undefined
    : withoutAbsent({
        url_string: url.full,
        scheme: url.scheme,
        hostname: url.domain,
        port: url.port !== undefined && url.port <= 65_535 ? url.port : undefined,
        path: url.path,
        query_string: url.query,
      });

const responseCodeOf = ({ http }: EcsEvent): OcsfEvent | undefined =>
  http?.response?.status_code === undefined
    ? undefined
    : withoutAbsent({ code: http.response.status_code, body_length: http.response.body?.bytes });

const observablesOf = ({ source, user, url }: EcsEvent): readonly OcsfEvent[] => [
  ...observable('src_endpoint.ip', 2, 'IP Address', source?.ip),
  ...observable('actor.user.uid', 31, 'User: uid', user?.id),
  ...observable('user.email_addr', 5, 'Email Address', user?.email),
  ...observable('http_request.url.url_string', 6, 'URL String', url?.full),
];

const observable = (name: string, typeId: number, type: string, value: string | undefined): readonly OcsfEvent[] =>
  value === undefined || value === '' ? [] : [{ name, type_id: typeId, type, value }];

/** `null` and absent attributes are never valid in OCSF: they are left out. */
const withoutAbsent = (attributes: OcsfEvent): OcsfEvent =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined && value !== null));
