/** What an Elasticsearch reports about itself. Only reads are sent, each with its own timeout; nothing is left behind on the server. */
import type { Clock } from '../../ports/clock.ts';
import type { ElasticsearchDiagnosis, Seen } from '../../ports/diagnosis.ts';
import type { Secrets } from '../../ports/secrets.ts';
import { isJson, type Json, type Unfit, type Verdict, verdictOn, verdictOnFacts } from './answers.ts';
import { type Answer, connectTo, type Question } from './connection.ts';
import { clockIn, indicesIn, neededPrivileges, needlessPrivileges, privilegesIn, totalIn, typesOf } from './facts.ts';
import { layoutIn, layoutQuestion } from './layout.ts';
import { errorOf } from './refusals.ts';

export interface ElasticsearchDiagnosisOptions {
  readonly url: string;
  readonly index: string;
  readonly timeField: string;
  readonly secrets: Secrets;
  readonly clock: Clock;
  /** Bound of one exchange. Default: 5000. */
  readonly timeoutMs?: number;
}

const maxAnswerBytes = 32 * 1024 * 1024;

/** @throws OperatorMustFix when `url` is none */
export const elasticsearchDiagnosis = (options: ElasticsearchDiagnosisOptions): ElasticsearchDiagnosis => {
  const { index, timeField, clock, timeoutMs = 5000 } = options;
  const connection = connectTo({ url: options.url, secrets: options.secrets, maxAnswerBytes });
  const path = encodeURIComponent(index);
  const local = encodeURIComponent(localParts(index).join(','));

  const ask = (question: Omit<Question, 'timeoutMs'>): Promise<Answer> => connection.ask({ ...question, timeoutMs });

  const verdict = async (
    question: Omit<Question, 'timeoutMs'>,
    judge: typeof verdictOn = verdictOnFacts,
  ): Promise<Verdict> => {
    const answer = await ask(question);
    if (answer.kind === 'too long')
      return { kind: 'later', reason: `the answer is longer than ${answer.maxBytes} bytes` };
    return judge(answer.status, answer.body);
  };
  const whole = (answer: Verdict): Json => {
    if (answer.kind === 'whole') return answer.body;
    throw errorOf(connection.origin, index, answer);
  };

  return {
    origin: connection.origin,
    index,
    timeField,

    server: async () => {
      const answer = await verdict({ method: 'GET', path: '/' });
      if (isForbidden(answer)) return {};
      const version = whole(answer)['version'];
      const { number, build_flavor: flavour } = isJson(version) ? version : {};
      return {
        ...(typeof number === 'string' && { version: number }),
        ...(typeof flavour === 'string' && { flavour }),
      };
    },

    privileges: async () => {
      const names = localParts(index).filter((part) => !part.startsWith('-'));
      if (names.length === 0) return elsewhere;
      const answer = await ask({
        method: 'POST',
        path: '/_security/user/_has_privileges',
        body: { index: [{ names, privileges: [...neededPrivileges, ...needlessPrivileges] }] },
      });
      return answer.kind === 'too long'
        ? { kind: 'hidden', reason: 'the answer is too long' }
        : privilegesIn(answer.status, answer.body);
    },

    indices: async () => {
      const everyState = { expand_wildcards: 'open,closed' };
      if (local === '') return elsewhere;
      const resolved = await verdict({ method: 'GET', path: `/_resolve/index/${path}`, query: everyState });
      if (isForbidden(resolved)) return hidden(resolved);
      const [settings, mappings] = await Promise.all([
        verdict({ method: 'GET', path: `/${local}/_settings`, query: { ...everyState, flat_settings: 'true' } }),
        verdict({
          method: 'GET',
          path: `/${local}/_mapping`,
          query: { ...everyState, filter_path: '*.mappings._source' },
        }),
      ]);
      if (isForbidden(settings)) return hidden(settings);
      return {
        kind: 'seen',
        value: indicesIn(whole(resolved), whole(settings), isForbidden(mappings) ? undefined : whole(mappings)),
      };
    },

    fields: async (names) => {
      const body = whole(
        await verdict({
          method: 'GET',
          path: `/${path}/_field_caps`,
          query: { fields: names.join(','), include_unmapped: 'true' },
        }),
      );
      const fields = isJson(body['fields']) ? body['fields'] : {};
      return names.map((name) => typesOf(name, fields[name]));
    },

    mapping: async () => {
      if (localParts(index).length < index.split(',').length)
        return { kind: 'hidden', reason: 'some of the pattern lies in other clusters' };
      const answer = await verdict(layoutQuestion(index));
      if (isForbidden(answer)) return { kind: 'hidden', reason: 'it takes the privilege `view_index_metadata`' };
      const layout = layoutIn(whole(answer));
      return { kind: 'seen', value: layout.kind === 'odd' ? { odd: layout.reason } : {} };
    },

    health: async () => {
      if (local === '') return elsewhere;
      const answer = await ask({
        method: 'GET',
        path: `/_cluster/health/${local}`,
        query: { level: 'indices', timeout: '1s' },
      });
      if (answer.kind === 'too long') return { kind: 'hidden', reason: 'the answer is too long' };
      // For an index that does not exist the server waits until the timeout of the request.
      if (answer.status === 408) return { kind: 'hidden', reason: 'no index matches' };
      const found = verdictOnFacts(answer.status, answer.body);
      if (isForbidden(found)) return { kind: 'hidden', reason: 'it takes the cluster privilege `monitor`' };
      const { status, number_of_nodes: nodes, indices } = whole(found);
      const inState = (state: string): readonly string[] =>
        Object.entries(isJson(indices) ? indices : {})
          .filter(([, one]) => isJson(one) && one['status'] === state)
          .map(([name]) => name);
      return {
        kind: 'seen',
        value: { status: String(status), nodes: Number(nodes), red: inState('red'), yellow: inState('yellow') },
      };
    },

    glance: async () => {
      const askedMs = clock.nowMs();
      const body = whole(
        await verdict(
          {
            method: 'POST',
            path: `/${path}/_search`,
            query: { allow_partial_search_results: 'false' },
            body: { size: 0, track_total_hits: true, aggs: clockQuestion },
          },
          verdictOn,
        ),
      );
      const answeredMs = clock.nowMs();
      const serverMs = clockIn(body);
      return {
        documents: totalIn(body),
        ...(serverMs !== undefined && { serverMs }),
        oursMs: (askedMs + answeredMs) / 2,
        tookMs: answeredMs - askedMs,
      };
    },
  };
};

/**
 * Elasticsearch sends no Date header, and reading its statistics takes more than the right to read. A range aggregation that ends at `now`
 * returns that instant, even for a field that no document has.
 */
const clockQuestion = { clock: { date_range: { field: 'sluice.clock', ranges: [{ to: 'now' }] } } };

/** The parts of the pattern that name indices of this cluster: a part for another cluster has the cluster's name before a colon. */
const localParts = (index: string): readonly string[] => index.split(',').filter((part) => !part.includes(':'));

const isForbidden = (answer: Verdict): answer is Unfit & { kind: 'refused' } =>
  answer.kind === 'refused' && answer.status === 403;

const hidden = ({ reason }: Unfit): Seen<never> => ({ kind: 'hidden', reason });

const elsewhere = { kind: 'hidden', reason: 'all of the pattern lies in other clusters' } as const;
