import { request } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { serveHttp } from '../../cli/start/serve-http.ts';
import { httpWorld } from '../support/http-world.ts';
import { useRealHttp } from '../support/real-http.ts';

useRealHttp();

const megabyte = Buffer.alloc(1_048_576, 32);

it.each([
  ['that says how large it is', { 'content-length': `${10 * megabyte.length}` }],
  ['in chunks', { 'transfer-encoding': 'chunked' }],
])(
  '10 MB %s are refused over a socket before they have come, and the next request is answered',
  async (_how, length) => {
    const world = httpWorld();
    const server = await serveHttp(world.app, { host: '127.0.0.1', port: 0 });
    onTestFinished(() => server.close());
    const headers = {
      authorization: `Bearer ${await world.key('acme', ['subscriptions:write'])}`,
      'content-type': 'application/json',
    };
    let sent = 0;
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sending = request(
        `${server.url}/v1/subscriptions`,
        { method: 'POST', headers: { ...headers, ...length } },
        (response) => {
          response.resume();
          resolve(response.statusCode);
          sending.destroy();
        },
      );
      sending.on('error', (error) => (sending.destroyed ? undefined : reject(error)));
      const send = (): void => {
        if (sending.destroyed || sent === 10) return;
        sent += 1;
        sending.write(megabyte, send);
      };
      send();
    });
    expect(status).toBe(413);
    expect((await fetch(`${server.url}/v1/subscriptions`, { headers })).status).toBe(200);
  },
);
