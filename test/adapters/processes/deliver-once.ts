/** Delivers one batch to the URL that is named and says what came of it. The environment of this process is what is tried. */
import { readFileSync } from 'node:fs';
import { keptConnections } from '../../../shared/adapters/kept-connections.ts';
import { systemClock } from '../../../shared/adapters/system-clock.ts';
import { webhookDestination } from '../../../shared/adapters/webhook-destination.ts';
import { memorySecrets } from '../../fakes/memory-secrets.ts';
import { aBatch } from '../../support/a-batch.ts';
import { aSubscription } from '../../support/a-subscription.ts';

const [url = '', caFile] = process.argv.slice(2);
const destination = webhookDestination({
  subscription: aSubscription({ type: 'webhook', url }),
  secrets: memorySecrets({ rootKey: 'a root key of thirty-two characters or more' }),
  clock: systemClock,
  allow: ['127.0.0.0/8'],
  resolve: async () => ['127.0.0.1'],
  agents: keptConnections(caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }),
});
process.stdout.write(JSON.stringify(await destination.send(aBatch(), { number: 1 })));
