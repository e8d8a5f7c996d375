import { OperatorMustFix, withoutPath } from '../../shared/core/errors.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import { subscriptionSecret } from '../../shared/core/webhook/signature.ts';
import { resumeSubscription } from '../../shared/flows/resume-subscription.ts';
import { type CommandBuilder, type CommonOptions, command, group } from '../command.ts';
import { subscriptionOf } from '../subscription-of.ts';
import type { Terminal } from '../terminal.ts';
import { withSluice } from '../with-sluice.ts';
import { WrongUsage } from '../wrong-usage.ts';

export const subscriptionsCommand: CommandBuilder = (terminal) =>
  group('subscriptions', 'shows who receives what')
    .addCommand(listCommand(terminal), { isDefault: true })
    .addCommand(secretCommand(terminal))
    .addCommand(resumeCommand(terminal));

const listCommand = (terminal: Terminal) =>
  command('list', 'lists the subscriptions, without the paths of their URLs').action(async (options: CommonOptions) => {
    const subscriptions = await withSluice(terminal, options, (sluice) => sluice.roster.all());
    const shown = subscriptions.map(shownOf);
    if (options.json) return terminal.print(JSON.stringify({ subscriptions: shown }));
    for (const { id, tenant, format, destination } of shown)
      terminal.print(`${id}  tenant ${tenant}  ${format}  ${destination}`);
    if (shown.length === 0) terminal.say('No subscriptions. SLUICE_SUBSCRIPTIONS_FILE says who receives events.');
  });

const shownOf = ({ id, tenant, format, filter, start, batch, destination }: Subscription) => ({
  id,
  tenant,
  format,
  ...(filter && { filter }),
  start,
  batch,
  destination: placeOf(destination),
});

const placeOf = (destination: Subscription['destination']): string => {
  switch (destination.type) {
    case 'webhook':
      return `webhook ${withoutPath(destination.url)}`;
    case 'folder':
      return `folder ${destination.path}`;
    case 's3':
      return `s3://${destination.bucket}/${destination.prefix}`;
    case 'poll':
      return 'poll';
    default:
      return destination satisfies never;
  }
};

const secretCommand = (terminal: Terminal) =>
  command('secret', 'prints the signing secret of a webhook, for its receiver')
    .argument('<id>', 'of the subscription')
    .action(async (id: string, options: CommonOptions) => {
      const secret = await withSluice(terminal, options, async (sluice) => {
        const subscription = await subscriptionOf(sluice, id);
        if (subscription.destination.type !== 'webhook')
          throw new WrongUsage(
            `Subscription "${id}" goes to a ${subscription.destination.type}: only a webhook has a signing secret.`,
          );
        const rootKey = await sluice.secrets.get('rootKey');
        if (!rootKey)
          throw new OperatorMustFix(
            'There is no secret "rootKey" to derive it from. Add one to what SLUICE_SECRETS names.',
          );
        return subscriptionSecret(rootKey.current, id);
      });
      terminal.print(options.json ? JSON.stringify({ id, secret }) : secret);
    });

const resumeCommand = (terminal: Terminal) =>
  command('resume', 'lets a paused or disabled subscription go on at its cursor')
    .argument('<id>', 'of the subscription')
    .action(async (id: string, options: CommonOptions) => {
      const before = await withSluice(terminal, options, async (sluice) =>
        resumeSubscription(sluice, await subscriptionOf(sluice, id)),
      );
      if (before === 'conflict')
        throw new OperatorMustFix(`Subscription "${id}" is being delivered to right now. Run this again.`);
      terminal.print(
        options.json
          ? JSON.stringify({ id, before, now: 'active' })
          : `${id} was ${before}; the next delivery goes on at its cursor.`,
      );
    });
