import type { Command } from 'commander';
import { signingMaterialOf } from '../../shared/flows/manage/signing-material.ts';
import { type CommonOptions, command } from '../command.ts';
import { subscriptionOf } from '../subscription-of.ts';
import type { Terminal } from '../terminal.ts';
import { withSluice } from '../with-sluice.ts';
import { WrongUsage } from '../wrong-usage.ts';

/** Whoever may run commands on the machine has the root key, and so every secret. */
export const secretCommand = (terminal: Terminal): Command =>
  command('secret', 'prints the signing secret that a webhook, or what is polled, is verified with')
    .argument('<id>', 'of the subscription')
    .action(async (id: string, options: CommonOptions) => {
      const signing = await withSluice(terminal, options, async (sluice) => {
        const subscription = await subscriptionOf(sluice, id);
        const material = await signingMaterialOf(sluice, subscription);
        if (!material)
          throw new WrongUsage(
            `Subscription "${id}" goes to a ${subscription.destination.type}: only a webhook has a signing secret, and what is polled.`,
          );
        return material;
      });
      terminal.print(options.json ? JSON.stringify({ id, ...signing }) : signing.secret);
    });
