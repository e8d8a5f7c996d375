/** One `curl` for every call of the API, in an order in which they work one after the other: a test runs them so. */

export interface ExampleCall {
  /** `operationId`. */
  readonly name: string;
  /** What is said before it. */
  readonly says?: string;
  readonly sh: string;
}

const curl = 'curl -sS --fail-with-body';
const withKey = '-H "Authorization: Bearer $KEY"';
const asOperator = '-H "Authorization: Bearer $OPERATOR"';
const json = "-H 'Content-Type: application/json'";
const once = '-H "$(once)"';
const of = '"$SLUICE/v1/subscriptions/$ID';

const get = (path: string, more = withKey): string => `${curl} "$SLUICE${path}" ${more}`;

export const exampleCalls: readonly ExampleCall[] = [
  { name: 'readHealth', sh: get('/health', '').trimEnd() },
  { name: 'readOpenApi', sh: `${get('/openapi.json', '')}-o openapi.json` },
  { name: 'readStatus', sh: get('/v1/status') },
  { name: 'readSigningKeys', sh: get('/.well-known/sluice-keys.json', '').trimEnd() },
  {
    name: 'createKey',
    sh: `${curl} "$SLUICE/v1/keys" ${withKey} ${json} ${once} \\
  -d '{ "name": "SIEM import", "scopes": ["events:read"], "expiresAt": "2099-01-01T00:00:00Z" }' > key.json
KEY_ID=$(field .key.id < key.json)`,
  },
  { name: 'listKeys', sh: get('/v1/keys?limit=10') },
  { name: 'revokeKey', sh: `${get('/v1/keys/$KEY_ID')} -X DELETE` },
  {
    name: 'createSubscription',
    says: 'The signing secret is in this answer and in no other: keep it for the receiver.',
    sh: `${curl} "$SLUICE/v1/subscriptions" ${withKey} ${json} ${once} -d @- <<END > created.json
{ "description": "Everything, for the SOC", "start": "beginning", "batch": { "maxEvents": 100 },
  "destination": { "type": "webhook", "url": "$RECEIVER", "headers": { "X-Team": "soc" } } }
END
ID=$(field .subscription.id < created.json)
SECRET=$(field .signing.secret < created.json)`,
  },
  {
    name: 'readSubscription',
    says: 'Its state tells when the endpoint has answered the challenge.',
    sh: `until ${get('/v1/subscriptions/$ID')} -D headers.txt -o subscription.json
  grep -q '"state":"active"' subscription.json; do sleep 1; done
ETAG=$(sed -n 's/^etag: *\\([^[:space:]]*\\).*/\\1/Ip' headers.txt)`,
  },
  { name: 'listSubscriptions', sh: get('/v1/subscriptions?limit=10') },
  { name: 'testSubscription', sh: `${curl} -X POST ${of}/test" ${withKey} ${once}` },
  {
    name: 'pauseSubscription',
    sh: `${curl} ${of}/pause" ${withKey} ${json} -d '{ "reason": "SIEM maintenance" }'`,
  },
  {
    name: 'changeSubscription',
    sh: `${curl} -X PATCH ${of}" ${withKey} -H "If-Match: $ETAG" \\
  -H 'Content-Type: application/merge-patch+json' -d '{ "description": "For the SOC", "batch": { "maxEvents": 50 } }'`,
  },
  { name: 'resumeSubscription', sh: `${curl} -X POST ${of}/resume" ${withKey}` },
  {
    name: 'rotateSecret',
    sh: `${curl} ${of}/rotate-secret" ${withKey} ${json} ${once} -d '{ "overlapSeconds": 3600 }' > rotated.json
SECRET=$(field .signing.secret < rotated.json)`,
  },
  { name: 'listAttempts', sh: get('/v1/subscriptions/$ID/attempts?limit=100') },
  {
    name: 'listDeadLetters',
    says: 'Here once two events have been refused:',
    sh: `until [ "$(${get('/v1/subscriptions/$ID/dead-letters?limit=10')} | tee letters.json | field .items.length)" = 2 ]; do sleep 1; done
LETTER=$(field '.items[0].id' < letters.json)
OTHER_LETTER=$(field '.items[1].id' < letters.json)`,
  },
  { name: 'readDeadLetter', sh: get('/v1/subscriptions/$ID/dead-letters/$LETTER') },
  { name: 'retryDeadLetter', sh: `${curl} -X POST ${of}/dead-letters/$LETTER/retry" ${withKey} ${once}` },
  {
    name: 'discardDeadLetter',
    sh: `${curl} ${of}/dead-letters/$OTHER_LETTER/discard" ${withKey} ${json} \\
  -d '{ "reason": "The receiver cannot store it; the journal keeps it" }'`,
  },
  {
    name: 'replaySubscription',
    sh: `${curl} ${of}/replay" ${withKey} ${json} ${once} -d '{ "from": "2021-05-06T00:00:00Z" }'`,
  },
  {
    name: 'pollBatches',
    says: 'A subscription of type `poll` is made first. The second request says that the first batch is safe.',
    sh: `POLL=$(${curl} "$SLUICE/v1/subscriptions" ${withKey} ${json} ${once} \\
  -d '{ "start": "beginning", "batch": { "maxEvents": 10 }, "destination": { "type": "poll" } }' | field .subscription.id)
${get('/v1/subscriptions/$POLL/batches?wait=20')} -D headers.txt > batch.json
BATCH=$(sed -n 's/^webhook-id: *\\([^[:space:]]*\\).*/\\1/Ip' headers.txt)
${get('/v1/subscriptions/$POLL/batches?ack=$BATCH')}`,
  },
  {
    name: 'putTenant',
    sh: `${curl} -X PUT "$SLUICE/v1/tenants/dalton" ${asOperator} ${json} \\
  -d '{ "emailDomains": ["dalton.example.com"], "indices": ["closer-dalton-*"] }'`,
  },
  { name: 'listTenants', sh: get('/v1/tenants', asOperator) },
  { name: 'readTenant', sh: get('/v1/tenants/dalton', asOperator) },
  { name: 'deleteTenant', sh: `${get('/v1/tenants/dalton', asOperator)} -X DELETE -H 'If-Match: *'` },
  { name: 'readAudit', sh: get('/v1/audit?limit=20') },
  {
    name: 'listEvents',
    sh: `curl -sSG --fail-with-body "$SLUICE/v1/events" ${withKey} -d outcome=failure -d limit=5 > events.json
EVENT=$(field '.events[0].event.id' < events.json)`,
  },
  {
    name: 'searchEvents',
    sh: `${curl} "$SLUICE/v1/events/search" ${withKey} ${json} -d '{ "outcome": "failure", "limit": 5 }'`,
  },
  {
    name: 'exportEvents',
    says: 'To the end, in one command. What broke off is gone on with behind its last whole line.',
    sh: `${get('/v1/events/export?from=2021-05-01&to=2021-06-01&sort=asc')} -o events.ndjson
LAST=$(tail -n 1 events.ndjson | field .event.id)
curl -sSG --fail-with-body "$SLUICE/v1/events/export" ${withKey} -d from=2021-05-01 -d to=2021-06-01 -d sort=asc \\
  --data-urlencode "after=$LAST" >> events.ndjson`,
  },
  { name: 'countEvents', sh: get('/v1/events/histogram?from=2021-05-05&to=2021-05-06&interval=1h') },
  { name: 'topValues', sh: get('/v1/events/top?field=event.action&size=5') },
  { name: 'listActions', sh: `${get('/v1/actions')} -o actions.json` },
  { name: 'listFields', sh: `${get('/v1/fields')} -o fields.json` },
  { name: 'readEvent', sh: get('/v1/events/$EVENT') },
  { name: 'deleteSubscription', sh: `${get('/v1/subscriptions/$ID')} -X DELETE -H 'If-Match: *'` },
];
