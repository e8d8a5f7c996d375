import { relative } from 'node:path';
import { counted } from '../../shared/adapters/console-telemetry.ts';
import { type CommandBuilder, type CommonOptions, command, environmentOf } from '../command.ts';
import { comparisonSentence } from '../demo/compare.ts';
import { type DemoResult, runDemo } from '../demo/run-demo.ts';
import type { Terminal } from '../terminal.ts';

export const demoCommand: CommandBuilder = (terminal, done) =>
  command('demo', 'shows the whole way of the sample log, from source to verified webhook').action(
    async (options: CommonOptions) => {
      const result = await runDemo({ ...terminal, env: environmentOf(terminal, options) });
      terminal.say('\n6. Comparison with what the samples are known to hold:');
      if (options.json) terminal.print(JSON.stringify(result));
      else for (const one of result.subscriptions) terminal.print(`   ${comparisonSentence(one)}`);
      terminal.say(verdict(result));
      if (result.right) sayWhatNext(result, terminal);
      else done(1);
    },
  );

const verdict = (result: DemoResult): string => {
  const requests = `${counted(result.requests, 'request')}${result.refused > 0 ? `, ${result.refused} of them with a wrong signature` : ''}`;
  if (!result.right)
    return `\nNot every event arrived as it should (${requests}). To begin anew, remove ${result.folder}`;
  return result.new === 0 && result.requests === 0
    ? '\nNothing is new, nothing was sent: everything had arrived before.'
    : `\nEvery event arrived once, and only where it belongs; ${requests}, every signature verified.`;
};

const sayWhatNext = ({ folder, settingsFile }: DemoResult, terminal: Terminal): void => {
  const settings = relative(terminal.cwd, settingsFile);
  const next = [
    ['npm run demo', 'again: nothing is new, so nothing is sent'],
    [`npx sluice status --env-file ${settings}`, 'how far everyone has come'],
    ['npx sluice query --action agent_login --outcome failure', 'failed logins, straight from the log'],
    [
      `find ${relative(terminal.cwd, folder)}/deliveries -name '*.gz' | head -1 | xargs zcat | head -1`,
      'one event as a customer gets it',
    ],
    ['npm start', 'keeps running, with the HTTP API; the README shows it with your own Elasticsearch'],
  ] as const;
  terminal.say('\nWhat to try next:');
  for (const [words, why] of next) terminal.say(`   ${words}\n      ${why}`);
};
