import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { expect, it, onTestFinished } from 'vitest';
import { startReceiver } from '../../cli/demo/start-receiver.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const body = JSON.stringify({ type: 'closer.security.events', data: { events: [{ event: { id: 'closer/1' } }] } });

const aReceiver = async () => {
  const record = join(await temporaryFolder(), 'received.ndjson');
  const receiver = await startReceiver({ record, secrets: { 'aurora-webhook': secret } });
  onTestFinished(() => receiver.stop());
  const post = async (path: string, signedWith: string) => {
    const sentAt = new Date();
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
      'webhook-signature': new Webhook(signedWith).sign('msg_1', sentAt, body),
    };
    return (await fetch(`${receiver.url}${path}`, { method: 'POST', headers, body })).status;
  };
  return {
    post,
    recorded: () =>
      readFileSync(record, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
  };
};

it('takes what is signed with the secret of the subscription in its path', async () => {
  const { post, recorded } = await aReceiver();
  expect(await post('/webhooks/aurora-webhook', secret)).toBe(204);
  expect(recorded()).toEqual([{ subscription: 'aurora-webhook', id: 'msg_1', verified: true, events: ['closer/1'] }]);
});

it('refuses any other signature, believes nothing of it, and remembers that it came', async () => {
  const { post, recorded } = await aReceiver();
  expect(await post('/webhooks/aurora-webhook', `whsec_${Buffer.alloc(32, 8).toString('base64')}`)).toBe(401);
  expect(recorded()).toEqual([{ subscription: 'aurora-webhook', id: 'msg_1', verified: false, events: [] }]);
});

it('knows nobody else', async () => {
  const { post } = await aReceiver();
  expect(await post('/webhooks/constructor', secret)).toBe(404);
  expect(await post('/', secret)).toBe(404);
});
