/** Which OCSF class and activity an event belongs to, by the catalogue (`closer-actions.json`). */
import catalogue from '../catalogue/closer-actions.json' with { type: 'json' };
import type { EcsEvent } from '../event.ts';
import { parsedBody } from './parsed-body.ts';

export type ClassUid = 3001 | 3002 | 3004 | 3005 | 6003;

export interface OcsfClass {
  readonly classUid: ClassUid;
  readonly activityId: number;
  /** Only for activity 99, which has no name in OCSF. */
  readonly activityName: string;
  readonly severityId: number;
  /** The kind of thing that was acted on, in the catalogue's word: `agent_role`. */
  readonly resource?: string;
  readonly entity?: { readonly typeId: number; readonly type: string };
  readonly login?: { readonly protocolId?: number; readonly protocol?: string; readonly logonTypeId?: number };
}

interface Row {
  readonly action: string;
  readonly resource: string;
  readonly ocsf: {
    readonly class_uid: number;
    readonly activity_id: number;
    readonly activity_name: string;
    readonly entity_type_id?: number;
    readonly entity_type?: string;
    readonly auth_protocol_id?: number;
    readonly auth_protocol?: string;
    readonly logon_type_id?: number;
    readonly activity_rules?: readonly {
      readonly when: { readonly request_body: Readonly<Record<string, string>> };
      readonly activity_id: number;
      readonly activity_name: string;
    }[];
  };
  readonly severity: { readonly ocsf_id: number; readonly ocsf_id_on_failure?: number };
}

const rows = catalogue.actions as readonly Row[];
const byAction: ReadonlyMap<string, Row> = new Map(rows.map((row) => [row.action, row]));
const unknown = catalogue.conventions.unknown_action;
const activityByMethod = new Map<string, number>(Object.entries(unknown.ocsf.activity_by_method));
const apiActivities = new Map([
  [1, 'Create'],
  [2, 'Read'],
  [3, 'Update'],
  [4, 'Delete'],
]);

export const ocsfClassOf = (event: EcsEvent): OcsfClass => {
  const row = byAction.get(event.event.action ?? '');
  return row ? catalogued(row, event) : uncatalogued(event);
};

const catalogued = ({ resource, ocsf, severity }: Row, event: EcsEvent): OcsfClass => {
  const rule = ocsf.activity_rules?.find(({ when }) => bodyHolds(event, when.request_body));
  const { activity_id, activity_name } = rule ?? ocsf;
  const failed = event.event.outcome === 'failure';
  return {
    classUid: classUidOf(ocsf.class_uid),
    activityId: activity_id,
    activityName: activity_name,
    severityId: (failed ? severity.ocsf_id_on_failure : undefined) ?? severity.ocsf_id,
    resource,
    ...(ocsf.entity_type_id !== undefined &&
      ocsf.entity_type !== undefined && { entity: { typeId: ocsf.entity_type_id, type: ocsf.entity_type } }),
    ...(ocsf.class_uid === 3002 && {
      login: {
        ...(ocsf.auth_protocol_id !== undefined && { protocolId: ocsf.auth_protocol_id }),
        ...(ocsf.auth_protocol !== undefined && { protocol: ocsf.auth_protocol }),
        ...(ocsf.logon_type_id !== undefined && { logonTypeId: ocsf.logon_type_id }),
      },
    }),
  };
};

const uncatalogued = ({ http }: EcsEvent): OcsfClass => {
  const activityId = activityByMethod.get(http?.request?.method ?? '') ?? unknown.ocsf.activity_otherwise;
  return {
    classUid: 6003,
    activityId,
    activityName: apiActivities.get(activityId) ?? 'Other',
    severityId: unknown.severity.ocsf_id,
  };
};

const classUidOf = (uid: number): ClassUid => {
  switch (uid) {
    case 3001:
    case 3002:
    case 3004:
    case 3005:
      return uid;
    default:
      return 6003;
  }
};

/** Values compare without regard to case: the vendor writes roles in upper and in lower case. */
const bodyHolds = ({ http }: EcsEvent, wanted: Readonly<Record<string, string>>): boolean => {
  const body = parsedBody(http?.request?.body?.content);
  return Object.entries(wanted).every(([name, value]) => {
    const held = body !== undefined && Object.hasOwn(body, name) ? body[name] : undefined;
    return typeof held === 'string' && held.toLowerCase() === value.toLowerCase();
  });
};
