/**
 * An event as one line of the Common Event Format, for syslog-like collectors. Bodies are left out because of their length, and because an
 * attacker who controls a body could forge log lines with it.
 * @see https://www.microfocus.com/documentation/arcsight/arcsight-smartconnectors-8.4/cef-implementation-standard/ (CEF 0.1, revision 26)
 */
import { actionNamed } from '../catalogue/actions.ts';
import catalogue from '../catalogue/closer-actions.json' with { type: 'json' };
import type { EcsEvent } from '../event.ts';
import { ocsfClassOf } from './ocsf-classes.ts';

const cefSeverity: ReadonlyMap<number, number> = new Map(
  catalogue.severity_scale.map(({ ocsf_id, cef }) => [ocsf_id, cef]),
);

/** Longest class id, name and value that receivers are known to take. */
const mostClassId = 1_023;
const mostName = 512;
const mostValue = 1_023;

/** `CEF:0|Closer|Closer|1.0|<action>|<description>|<severity>|<key=value …>`, without a line break at its end or anywhere else. */
export const toCef = (event: EcsEvent): string => {
  const { action = 'unknown' } = event.event;
  const description = actionNamed(action)?.description ?? event.message ?? action;
  const severity = cefSeverity.get(ocsfClassOf(event).severityId) ?? 1;
  const header = [
    'CEF:0',
    'Closer',
    'Closer',
    '1.0',
    inHeader(action, mostClassId),
    inHeader(description, mostName),
    String(severity),
  ];
  const extension = fieldsOf(event)
    .flatMap(([key, value]) => (value === undefined || value === '' ? [] : [`${key}=${inExtension(value)}`]))
    .join(' ');
  return `${header.join('|')}|${extension}`;
};

type Field = readonly [key: string, value: string | undefined];

const fieldsOf = (event: EcsEvent): readonly Field[] => {
  const { user, source, url, http, organization } = event;
  const status = http?.response?.status_code;
  const time = event['@timestamp'] === undefined ? Number.NaN : Date.parse(event['@timestamp']);
  const isSix = source?.ip?.includes(':') === true;
  return [
    ['rt', Number.isNaN(time) ? undefined : String(time)],
    ['act', event.event.action],
    ['cat', event.event.category?.join(',')],
    ['outcome', event.event.outcome],
    ['suid', user?.id],
    ['suser', user?.email],
    ['spriv', user?.roles?.join(',')],
    ['duid', user?.target?.id],
    ['src', isSix ? undefined : source?.ip],
    ...labelled('c6a2', 'sourceIPv6Address', isSix ? source?.ip : undefined),
    ['request', url?.full],
    ['requestMethod', http?.request?.method],
    ['externalId', event.event.id],
    ...labelled('cn1', 'httpStatus', status === undefined ? undefined : String(status)),
    ...labelled('cs1', 'organizationId', organization?.id),
    ['msg', event.message],
  ];
};

const labelled = (key: string, label: string, value: string | undefined): readonly Field[] =>
  value === undefined
    ? []
    : [
        [key, value],
        [`${key}Label`, label],
      ];

/** In the header a bar ends a field and a line break ends the event, so both are escaped or replaced in values. */
const inHeader = (text: string, most: number): string =>
  cut(text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' '), most).replace(/[\\|]/g, '\\$&');

/** In the extension `=` ends a key; line breaks are written as `\n`, other control characters go. */
const inExtension = (text: string): string =>
  cut(text, mostValue)
    .replace(/[\\=]/g, '\\$&')
    .replace(/\r\n|[\r\n\u0085\u2028\u2029]/g, '\\n')
    .replace(/\p{Cc}+/gu, '');

/** Cuts a text, never in the middle of a character. */
const cut = (text: string, most: number): string => {
  if (text.length <= most) return text;
  const end = text.slice(0, most);
  return end.isWellFormed() ? end : end.slice(0, -1);
};
