/**
 * Answers 200 after `BENCH_ANSWER_MS`, as somebody across a country does; what comes to `/dead` it takes and never answers. A process of
 * its own. Prints its port.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const answerMs = Number(process.env['BENCH_ANSWER_MS'] ?? '0');

const server = createServer((request, response) => {
  request.resume();
  if (request.url === '/dead') return;
  request.on('end', () => setTimeout(() => response.writeHead(200, { 'content-length': 0 }).end(), answerMs));
});
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
