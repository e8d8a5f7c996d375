import type { Command } from 'commander';
import { alertSecret } from '../../shared/core/alert.ts';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import { type CommandBuilder, type CommonOptions, command, group } from '../command.ts';
import type { Terminal } from '../terminal.ts';
import { withSluice } from '../with-sluice.ts';

export const alertsCommand: CommandBuilder = (terminal) =>
  group('alerts', 'what the operator’s webhook (SLUICE_ALERT_URL) is told').addCommand(secretCommand(terminal));

const secretCommand = (terminal: Terminal): Command =>
  command('secret', 'prints the signing secret that alerts are verified with').action(
    async (options: CommonOptions) => {
      const secret = await withSluice(terminal, options, async ({ secrets, config }) => {
        const rootKey = await secrets.get('rootKey');
        if (!rootKey)
          throw new OperatorMustFix(
            'There is no secret "rootKey" to sign alerts with. Add one to what SLUICE_SECRETS names; make it with: openssl rand -base64 32',
          );
        if (config.alertUrl === undefined) terminal.say('SLUICE_ALERT_URL is not set: no alert is sent anywhere yet.');
        return alertSecret(rootKey.current);
      });
      terminal.print(options.json ? JSON.stringify({ secret }) : secret);
    },
  );
