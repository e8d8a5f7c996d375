import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isHttpEvent, letIn } from '../../deploy/local-key.ts';
import { folderBlobStore } from '../../shared/adapters/folder-blob-store.ts';
import { sqliteRecordStore } from '../../shared/adapters/sqlite-record-store.ts';
import { systemClock as clock } from '../../shared/adapters/system-clock.ts';
import { apiKeyVerifier, keyPartition } from '../../shared/flows/api-keys.ts';
import { openAuditJournal } from '../../shared/flows/manage/audit-journal.ts';
import { commandLine } from '../../shared/flows/manage/caller.ts';
import { readAudit } from '../../shared/flows/manage/read-audit.ts';
import request from '../fixtures/lambda/query.json' with { type: 'json' };
import tick from '../fixtures/lambda/schedule.json' with { type: 'json' };
import { temporaryFolder } from '../support/temporary-folder.ts';

const httpEvent = () => {
  if (!isHttpEvent(request)) throw new Error('the fixture is an event of an HTTP API');
  return request;
};
const bearerOf = ({ headers }: { readonly headers?: Readonly<Record<string, string>> }) =>
  headers?.['authorization']?.replace('Bearer ', '') ?? '';

describe('the key of a local query', () => {
  it('lets the event in until the command ends, to read and nothing else', async () => {
    const data = await temporaryFolder();
    const { event, leave } = await letIn(httpEvent(), { SLUICE_DATA: data }, data);
    const records = sqliteRecordStore({ path: join(data, 'state.sqlite') });
    expect(await apiKeyVerifier({ records, clock })(bearerOf(event))).toMatchObject({
      tenant: '*',
      scopes: ['events:read'],
    });
    await leave();
    expect(await apiKeyVerifier({ records, clock })(bearerOf(event))).toBeUndefined();
    records.close();
  });

  it('lets a call of the manage function do all that an operator may', async () => {
    const data = await temporaryFolder();
    const { event, leave } = await letIn({ ...httpEvent(), rawPath: '/v1/status' }, { SLUICE_DATA: data }, data);
    const records = sqliteRecordStore({ path: join(data, 'state.sqlite') });
    expect(await apiKeyVerifier({ records, clock })(bearerOf(event))).toMatchObject({ scopes: ['operator'] });
    await leave();
    records.close();
  });

  it('is in the audit journal like any other: who made and who revoked it', async () => {
    const data = await temporaryFolder();
    const { leave } = await letIn(httpEvent(), { SLUICE_DATA: data }, data);
    await leave();
    const audit = openAuditJournal(folderBlobStore({ root: join(data, 'journal') }));
    const records = sqliteRecordStore({ path: join(data, 'state.sqlite') });
    const deps = { audit, records, clock, telemetry: { notice: () => {} } };
    const { items } = await readAudit(deps, commandLine, { limit: 10 });
    expect(items.map(({ event, user }) => [event.action, user.id])).toEqual([
      ['key-created', 'operator'],
      ['key-revoked', 'operator'],
    ]);
    records.close();
  });

  it('is not made for an event that brings its own', async () => {
    const data = await temporaryFolder();
    const own = { ...httpEvent(), headers: { authorization: 'Bearer sluice_mine' } };
    expect((await letIn(own, { SLUICE_DATA: data }, data)).event).toBe(own);
    const records = sqliteRecordStore({ path: join(data, 'state.sqlite') });
    expect(await records.range(keyPartition, { limit: 1 })).toEqual([]);
    records.close();
  });

  it('is not made in a state that lies elsewhere', async () => {
    const env = {
      SLUICE_STATE_URL: 'dynamodb:sluice-prod-state',
      SLUICE_SOURCE_URL: 'https://elastic.example.com',
      SLUICE_SOURCE_INDEX: 'closer*',
    };
    expect((await letIn(httpEvent(), env, await temporaryFolder())).event).toEqual(request);
  });

  it('concerns HTTP events only', () => {
    expect([isHttpEvent(tick), isHttpEvent(''), isHttpEvent(undefined)]).toEqual([false, false, false]);
  });
});
