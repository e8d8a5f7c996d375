import type { Config } from '../../shared/config/config.ts';
import { withoutPath } from '../../shared/core/errors.ts';
import { type Finding, ok, problem } from '../../shared/flows/doctor/finding.ts';

/** Every problem of the settings; if there is none, which are set and what they amount to. */
export const settingsFindings = (
  env: Readonly<Record<string, string | undefined>>,
  config: Config,
  problems: readonly string[],
): readonly Finding[] => {
  if (problems.length > 0) return [...problems.map(settingProblem), ...trustFindings(env)];
  const set = Object.keys(env)
    .filter((name) => name.startsWith('SLUICE_') && env[name]?.trim() !== '' && env[name] !== undefined)
    .sort();
  return [
    ok(
      'settings',
      set.length === 0
        ? 'None is set: the samples of the repository are read and everything is kept on this machine.'
        : `Set: ${set.join(', ')}; the others have their defaults.`,
    ),
    ok('settings/parts', inWords(config)),
    ...trustFindings(env),
  ];
};

/** With 0 in NODE_TLS_REJECT_UNAUTHORIZED Node accepts every certificate: anybody between us and a server may read and answer. */
const trustFindings = (env: Readonly<Record<string, string | undefined>>): readonly Finding[] =>
  env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0'
    ? [
        problem(
          'settings/trust',
          'NODE_TLS_REJECT_UNAUTHORIZED is 0: no certificate is checked, neither of Elasticsearch nor of a receiver.',
          'Remove it. Trust an authority of your own with NODE_EXTRA_CA_CERTS.',
        ),
      ]
    : [];

/** `SLUICE_X must be …; got "…". Write …`: the advice is the last sentence. */
const settingProblem = (text: string): Finding => {
  const [, message = text, remedy = 'Correct it, or remove it: README.md lists the settings.'] =
    /^([\s\S]*?\.)\s+(?=[A-Z])([\s\S]*)$/.exec(text) ?? [];
  return problem('settings', message, remedy);
};

const inWords = ({ source, state, journal, queue, secrets, tenants, overlapSeconds }: Config): string => {
  const from =
    source.kind === 'ndjson'
      ? `the log ${source.path}`
      : `"${source.index}" at ${withoutPath(source.url)}, by "${source.timeField}"`;
  const held = state.kind === 'sqlite' ? `SQLite ${state.path}` : `DynamoDB table ${state.table}`;
  const kept = journal.kind === 'folder' ? `folder ${journal.path}` : `s3://${journal.bucket}/${journal.prefix}`;
  const woken = queue.kind === 'inline' ? 'this process delivers' : 'an SQS queue wakes who delivers';
  const secret =
    secrets.kind === 'env'
      ? 'the environment'
      : secrets.kind === 'file'
        ? `file ${secrets.path}`
        : `Secrets Manager ${secrets.name}`;
  const owner = tenants.kind === 'one' ? `; all belong to "${tenants.id}"` : '';
  return `Events come from ${from} (source "${source.id}", overlap ${overlapSeconds} s)${owner}. Journal: ${kept}. State: ${held}. Secrets: ${secret}. Queue: ${woken}.`;
};
