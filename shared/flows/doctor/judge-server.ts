/** What is found about an Elasticsearch as a whole: version, rights, clock, health. */
import { serverFit } from '../../core/server-version.ts';
import type { GlanceFacts, HealthFacts, PrivilegeFacts, Seen, ServerFacts } from '../../ports/diagnosis.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import { some } from './words.ts';

const supported = 'Read from an Elasticsearch 7.17, 8 or 9.';

export const judgeServer = ({ version, flavour }: ServerFacts, origin: string): Finding => {
  const check = 'elasticsearch/version';
  if (version === undefined) return ok(check, `Elasticsearch at ${origin}; these credentials may not see its version.`);
  const fit = serverFit(version, flavour);
  switch (fit.kind) {
    case 'known':
      return ok(check, `Elasticsearch ${version} at ${origin}.`);
    case 'untried':
      return warning(
        check,
        `Elasticsearch ${version} at ${origin} is newer than any that Sluice was tried with.`,
        'Look for a newer Sluice, or pull into a second journal and compare before you rely on it.',
      );
    case 'unsupported':
      return problem(check, `${fit.what} at ${origin} is not supported.`, supported);
    default:
      return fit satisfies never;
  }
};

/** Credentials on a connection that anybody on the way can read are as good as published. */
export const judgeTransport = (origin: string, credentials: 'given' | 'none'): Finding => {
  const check = 'elasticsearch/transport';
  if (origin.startsWith('https:')) return ok(check, 'TLS, with a certificate that this machine trusts.');
  const what = credentials === 'given' ? 'events and credentials' : 'events';
  return isLoopback(origin)
    ? ok(check, 'No TLS; it does not leave this machine.')
    : warning(
        check,
        `No TLS: ${what} cross the network readable for everybody on the way.`,
        'Enable TLS at Elasticsearch, and write https:// in SLUICE_SOURCE_URL.',
      );
};

const isLoopback = (origin: string): boolean => /^http:\/\/(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/.test(origin);

export const judgePrivileges = (facts: PrivilegeFacts, origin: string): Finding => {
  const check = 'elasticsearch/permissions';
  switch (facts.kind) {
    case 'no security':
      return isLoopback(origin)
        ? ok(check, 'The server has no security: everything is allowed.')
        : warning(
            check,
            'The server has no security: whoever reaches it may read and change the log.',
            'Enable security at Elasticsearch, and give Sluice an API key that may only read.',
          );
    case 'hidden':
      return ok(check, `What the credentials may do cannot be seen (${facts.reason}); that they read is tried below.`);
    case 'seen':
      if (facts.missing.length > 0)
        return problem(
          check,
          `"${facts.user}" lacks ${facts.missing.join(' and ')} on a part of the pattern.`,
          'Give the credentials of the secret "elasticsearch" the index privileges read and view_index_metadata on all of it.',
        );
      return facts.held.length > 0
        ? warning(
            check,
            `"${facts.user}" may read, which is needed, and also ${facts.held.join(', ')}, which is not.`,
            'Give it read and view_index_metadata alone: a stolen key then cannot change the log.',
          )
        : ok(check, `"${facts.user}" may read and see the mappings, and nothing else that was asked for.`);
    default:
      return facts satisfies never;
  }
};

/** Pull leaves out what is younger than the overlap: a clock that runs ahead by more passes events that are not there yet. */
export const judgeClock = ({ serverMs, oursMs, tookMs }: GlanceFacts, overlapMs: number): Finding => {
  const check = 'elasticsearch/clock';
  if (serverMs === undefined) return ok(check, 'The clock of the server cannot be seen.');
  const difference = Math.max(0, Math.abs(serverMs - oursMs) - tookMs / 2);
  const seconds = `${(difference / 1000).toFixed(1)} s`;
  const which = serverMs > oursMs ? 'behind' : 'ahead of';
  const remedy = 'Set both clocks by NTP.';
  if (difference > overlapMs / 2 && difference > 1000)
    return problem(
      check,
      `The clock of this machine is ${seconds} ${which} that of Elasticsearch: more than half of the overlap (${overlapMs / 1000} s).`,
      `${remedy} Until then set SLUICE_OVERLAP_SECONDS above ${Math.ceil(difference / 500)}: a clock that runs ahead makes pull pass events over.`,
    );
  return difference > 5000
    ? warning(check, `The clock of this machine is ${seconds} ${which} that of Elasticsearch.`, remedy)
    : ok(check, `The clocks differ by less than ${difference < 1000 ? '1 s' : '5 s'}.`);
};

export const judgeHealth = (facts: Seen<HealthFacts>): Finding => {
  const check = 'elasticsearch/health';
  if (facts.kind === 'hidden') return ok(check, `Health cannot be seen (${facts.reason}); pull does not need it.`);
  const { status, nodes, red, yellow } = facts.value;
  if (red.length > 0 || status === 'red')
    return problem(
      check,
      `A shard of ${red.length > 0 ? some(red) : 'some index'} is missing. Pull stops until it is back: it takes no answer that is not whole.`,
      'Bring the missing node back, or restore the index from a snapshot. Nothing is lost meanwhile.',
    );
  if (yellow.length > 0 && nodes > 1)
    return warning(
      check,
      `${some(yellow)} ${yellow.length === 1 ? 'lacks' : 'lack'} a copy: when its node stops, so does pull.`,
      'Let Elasticsearch assign the copy: _cluster/allocation/explain says why it does not.',
    );
  return ok(
    check,
    yellow.length > 0 ? 'Every shard is there, once: there is a single node.' : 'Every shard and every copy is there.',
  );
};
