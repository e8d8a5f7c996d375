/** A name server on loopback that answers as it is told, with a time to live of 0: the one of a receiver that rebinds. */
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Resolve } from '../../shared/adapters/checked-lookup.ts';

export interface NameRecord {
  readonly type: 'A' | 'AAAA' | 'CNAME';
  /** An address, or the name that a `CNAME` leads to. */
  readonly data: string;
  /** Absent: the name that was asked for. */
  readonly name?: string;
}

/** `nth` counts the questions of this type, from 0. `'never'`: no answer comes. */
export type AnswerName = (asked: {
  readonly name: string;
  readonly type: 'A' | 'AAAA';
  readonly nth: number;
}) => readonly NameRecord[] | 'never';

export interface NameServer {
  /** Where it is asked: `127.0.0.1:{port}`. */
  readonly address: string;
  /** Asks it for both families, as a system resolver would; nothing is kept. */
  readonly resolve: Resolve;
  /** `A hooks.example.com`, in the order they came. */
  readonly asked: readonly string[];
}

const typeNumbers = { A: 1, CNAME: 5, AAAA: 28 } as const;

export const nameServer = async (answer: AnswerName): Promise<NameServer> => {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const { name, type, question } = readQuestion(query);
    const nth = asked.filter((each) => each.startsWith(`${type} `)).length;
    asked.push(`${type} ${name}`);
    const records = answer({ name, type, nth });
    if (records === 'never') return;
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(0x8180, 2); // an answer, without error
    header.writeUInt16BE(records.length, 6);
    header.writeUInt32BE(0, 8); // of what came with the question, nothing is repeated
    socket.send(Buffer.concat([header, question, ...records.map((record) => encoded(record, name))]), from.port);
  });
  await new Promise<void>((bound) => socket.bind(0, '127.0.0.1', bound));
  const address = `127.0.0.1:${(socket.address() as AddressInfo).port}`;
  const client = new Resolver({ timeout: 60_000, tries: 1 });
  client.setServers([address]);
  onTestFinished(() => {
    client.cancel();
    socket.close();
  });
  const none = (error: NodeJS.ErrnoException): readonly string[] => {
    if (error.code === 'ENODATA') return [];
    throw error;
  };
  return {
    address,
    asked,
    resolve: async (name) =>
      (await Promise.all([client.resolve4(name).catch(none), client.resolve6(name).catch(none)])).flat(),
  };
};

/** @see RFC 1035 §4.1.2 */
const readQuestion = (query: Buffer) => {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = query.readUInt16BE(at + 1) === typeNumbers.AAAA ? 'AAAA' : 'A';
  return { name: labels.join('.'), type, question: query.subarray(12, at + 5) } as const;
};

/** @see RFC 1035 §4.1.3 */
const encoded = ({ type, data, name }: NameRecord, askedName: string): Buffer => {
  const value = type === 'CNAME' ? encodedName(data) : encodedAddress(data);
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(typeNumbers[type], 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt16BE(value.length, 8);
  return Buffer.concat([encodedName(name ?? askedName), fixed, value]);
};

const encodedName = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ]);

const encodedAddress = (address: string): Buffer => {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const hex = (part: string): string =>
    part
      .split(':')
      .filter(Boolean)
      .map((group) => group.padStart(4, '0'))
      .join('');
  const [front = '', back = ''] = address.split('::').map(hex);
  return Buffer.from(front + back.padStart(32 - front.length, '0'), 'hex');
};
