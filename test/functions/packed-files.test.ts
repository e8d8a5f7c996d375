import { describe, expect, it } from 'vitest';
import { packedFiles, refuseWithoutSource } from '../../deploy/packed-files.ts';

const project = new URL('../..', import.meta.url).pathname;
const env = { SLUICE_SUBSCRIPTIONS_FILE: './package.json', SLUICE_TENANTS_FILE: 'samples/tenants.json' };

describe('files that settings name', () => {
  it('travel with the functions that read them, and with no other', () => {
    expect(packedFiles('pull', env, project)).toEqual(['package.json', 'samples/tenants.json']);
    expect(packedFiles('deliver', env, project)).toEqual(['package.json']);
    expect(packedFiles('query', env, project)).toEqual(['samples/tenants.json']);
  });

  it('are none when no setting names one: an empty pattern would pack the whole project', () => {
    expect(packedFiles('pull', {}, project)).toEqual([]);
    expect(packedFiles('pull', { SLUICE_TENANTS_FILE: '' }, project)).toEqual([]);
  });

  it.each(['../elsewhere.json', '/etc/hosts'])('must lie in the project; %s does not', (path) => {
    expect(() => packedFiles('query', { SLUICE_TENANTS_FILE: path }, project)).toThrow(
      `SLUICE_TENANTS_FILE must be a relative path within the project, so that the file can be packed with the functions; got "${path}".`,
    );
  });

  it('must be there', () => {
    expect(() => packedFiles('query', { SLUICE_TENANTS_FILE: 'missing.json' }, project)).toThrow(
      'there is no such file',
    );
  });
});

describe('sls deploy', () => {
  it('needs an Elasticsearch and an index to read', () => {
    expect(() => refuseWithoutSource({ SLUICE_SOURCE_URL: 'https://elastic.example.com' })).toThrow(
      'SLUICE_SOURCE_INDEX must be set',
    );
    expect(() =>
      refuseWithoutSource({ SLUICE_SOURCE_URL: 'https://elastic.example.com', SLUICE_SOURCE_INDEX: 'closer*' }),
    ).not.toThrow();
  });
});
