import { expect, it, onTestFinished, vi } from 'vitest';
import { type HttpServer, serveHttp } from '../../cli/start/serve-http.ts';
import { RetryLater } from '../../shared/core/errors.ts';
import type { Source } from '../../shared/ports/source.ts';
import { type HttpWorld, httpWorld } from '../support/http-world.ts';
import { useRealHttp } from '../support/real-http.ts';
import { hitsFrom } from '../support/world.ts';

useRealHttp();

/** More than two parts. */
const many = hitsFrom('2026-05-05T00:00:00Z', 11_000, 100);
const question = '/v1/events/export?from=2026-05-05&sort=asc';

const serve = async ({ app }: HttpWorld, options?: Parameters<typeof serveHttp>[2]): Promise<HttpServer> => {
  const server = await serveHttp(app, { host: '127.0.0.1', port: 0 }, options);
  onTestFinished(() => server.close());
  return server;
};
const asking = async ({ key }: HttpWorld) => ({ headers: { authorization: `Bearer ${await key('acme')}` } });
/** The third part is not read as the others are. */
const withThird = (world: HttpWorld, third: Source['open']): HttpWorld => {
  const { open } = world.source;
  vi.spyOn(world.source, 'open')
    .mockImplementationOnce(open)
    .mockImplementationOnce(open)
    .mockImplementationOnce(third);
  return world;
};
/** What came until the connection broke. */
const brokenOff = async (response: Response): Promise<string> => {
  let came = '';
  const reading = (async () => {
    for await (const piece of response.body ?? []) came += Buffer.from(piece).toString();
  })();
  await expect(reading).rejects.toThrow('terminated');
  return came;
};
const idsOf = (lines: readonly string[]) =>
  lines.map((line) => (JSON.parse(line) as { event: { id: string } }).event.id);

it('an export is cut off, not ended, when the source fails, and goes on behind what came', async () => {
  const down = new RetryLater('Elasticsearch does not answer.');
  const world = withThird(httpWorld({ hits: many }), async () => Promise.reject(down));
  const { url } = await serve(world);
  const response = await fetch(`${url}${question}`, await asking(world));
  expect(response.status).toBe(200);
  const came = await brokenOff(response);
  expect(world.notices).toEqual([{ level: 'warn', message: expect.stringContaining('An export was broken off') }]);

  const ids = idsOf(came.slice(0, came.lastIndexOf('\n')).split('\n'));
  expect(ids.length).toBeGreaterThan(0);
  const rest = await fetch(`${url}${question}&after=${encodeURIComponent(ids.at(-1) ?? '')}`, await asking(world));
  ids.push(...idsOf((await rest.text()).trimEnd().split('\n')));
  expect(ids).toEqual(many.map(({ _index, _id }) => `${_index}/${_id}`));
});

it('a server that is stopped does not wait for an export', async () => {
  const { promise: never } = Promise.withResolvers<never>();
  const world = withThird(httpWorld({ hits: many }), () => never);
  const { url, close } = await serve(world, { lastAnswersMs: 10 });
  const response = await fetch(`${url}${question}`, await asking(world));
  const [came] = await Promise.all([brokenOff(response), close()]);
  expect(came).not.toBe('');
});
