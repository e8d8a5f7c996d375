import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore, StoredRecord } from '../ports/record-store.ts';
import { awsClientSettings, smallRequestTimeoutMs } from './aws-clients.ts';
import { awsErrorName, awsFailure, wasRepeated } from './aws-errors.ts';
import {
  checkExpected,
  checkRecordKey,
  checkRecordLimit,
  compareIds,
  decodeRecord,
  encodeRecord,
  expirySecondsOf,
} from './record-rules.ts';
import { systemClock } from './system-clock.ts';

/** With a client of its own, which `close` ends. Nothing is touched until it is used. */
export const openDynamodbRecordStore = ({ table }: { readonly table: string }): RecordStore & { close(): void } => {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(awsClientSettings(smallRequestTimeoutMs)));
  return { ...dynamodbRecordStore({ client, table }), close: () => client.destroy() };
};

/**
 * A RecordStore in one DynamoDB table.
 *
 * Table: hash key `pk` (S, the partition), range key `sk` (S, the id). Item: `version` (N), `value` (S, the value as JSON text: what is
 * read is what was written, byte for byte, as in SQLite), `writer` (S, one per write), and while the record is due `duePartition` (S) and
 * `dueAtMs` (N), the keys of the sparse index `due` (projection KEYS_ONLY). A record that expires has `expiresAt` (N, epoch seconds), the
 * attribute of the table's time to live. DynamoDB removes it only within days, so expired records are skipped here.
 *
 * Every write is one conditional request, no transactions. If the answer to a write is lost, the SDK repeats the write, which may then fail
 * because the first attempt succeeded; the `writer` tells that from a lost race.
 *
 * Needs `dynamodb:GetItem`, `PutItem`, `DeleteItem` and `Query` on the table and `Query` on its index.
 *
 * @throws RetryLater throttled, 5xx, no answer
 * @throws OperatorMustFix no such table, no permission
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ttl-expired-items.html
 */
export const dynamodbRecordStore = (options: {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  /** Decides which records have expired. */
  readonly clock?: Pick<Clock, 'nowMs'>;
}): RecordStore => {
  const { client, table, clock = systemClock } = options;
  const nowSeconds = (): number => Math.floor(clock.nowMs() / 1000);
  const keyOf = (partition: string, id: string) => ({ TableName: table, Key: { pk: partition, sk: id } });

  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw awsFailure(error, `DynamoDB table ${table}`);
    }
  };

  const read = async (partition: string, id: string): Promise<Item | undefined> =>
    (await client.send(new GetCommand({ ...keyOf(partition, id), ConsistentRead: true }))).Item as Item | undefined;

  /** A page ends at 1 MB, whatever the limit says. */
  const queryAll = async (query: Omit<QueryCommandInput, 'TableName'>, limit: number): Promise<readonly Item[]> => {
    const items: Item[] = [];
    let from: QueryCommandInput['ExclusiveStartKey'];
    do {
      const page = await client.send(
        new QueryCommand({ ...query, TableName: table, Limit: limit - items.length, ExclusiveStartKey: from }),
      );
      items.push(...((page.Items ?? []) as Item[]));
      from = page.LastEvaluatedKey;
    } while (from && items.length < limit);
    return items;
  };

  return {
    description: `DynamoDB table ${table}`,

    get: async (partition, id) => {
      checkRecordKey(partition, id);
      const item = await attempt(() => read(partition, id));
      return item && (item.expiresAt === undefined || item.expiresAt > nowSeconds()) ? recordOf(item) : undefined;
    },

    compareAndSet: async (record, expected) => {
      checkExpected(expected);
      const { partition, id, dueAtMs } = record;
      const value = encodeRecord(record);
      const writer = randomUUID();
      const due = dueAtMs === undefined ? {} : { duePartition: partition, dueAtMs };
      const expiresAt = expirySecondsOf(record);
      const expires = expiresAt === undefined ? {} : { expiresAt };
      const item: Item = { pk: partition, sk: id, version: expected + 1, value, writer, ...due, ...expires };
      return attempt(async () => {
        try {
          await client.send(new PutCommand({ TableName: table, Item: item, ...versionIs(expected, nowSeconds()) }));
          return 'stored';
        } catch (error) {
          if (awsErrorName(error) !== 'ConditionalCheckFailedException') throw error;
          if (wasRepeated(error) && (await read(partition, id))?.writer === writer) return 'stored';
          return 'conflict';
        }
      });
    },

    remove: async (partition, id, expected) => {
      checkRecordKey(partition, id);
      checkExpected(expected);
      if (expected === 0) return 'conflict';
      return attempt(async () => {
        try {
          await client.send(new DeleteCommand({ ...keyOf(partition, id), ...versionIs(expected, nowSeconds()) }));
          return 'removed';
        } catch (error) {
          if (awsErrorName(error) !== 'ConditionalCheckFailedException') throw error;
          if (wasRepeated(error) && !(await read(partition, id))) return 'removed';
          return 'conflict';
        }
      });
    },

    range: async (partition, { from, to, limit }) => {
      checkRecordLimit(limit);
      if (from && to && compareIds(from, to) >= 0) return [];
      const items = await attempt(() =>
        // BETWEEN includes its upper end, so one more item is asked for, in case that end is among them.
        queryAll({ ...lastingBetween(partition, from, to, nowSeconds()), ConsistentRead: true }, limit + 1),
      );
      return items
        .filter((item) => item.sk !== to)
        .slice(0, limit)
        .map(recordOf);
    },

    due: async (partition, untilMs, limit) => {
      checkRecordLimit(limit);
      const query = {
        IndexName: 'due',
        KeyConditionExpression: 'duePartition = :partition AND dueAtMs <= :until',
        ExpressionAttributeValues: { ':partition': partition, ':until': untilMs },
      };
      return (await attempt(() => queryAll(query, limit))).map((item) => item.sk);
    },
  };
};

interface Item {
  readonly pk: string;
  readonly sk: string;
  readonly version: number;
  readonly value: string;
  readonly writer: string;
  readonly duePartition?: string;
  readonly dueAtMs?: number;
  readonly expiresAt?: number;
}

const recordOf = ({ pk, sk, version, value, dueAtMs, expiresAt }: Item): StoredRecord => ({
  partition: pk,
  id: sk,
  version,
  value: decodeRecord(value),
  ...(dueAtMs === undefined ? {} : { dueAtMs }),
  ...(expiresAt === undefined ? {} : { expiresAtMs: expiresAt * 1000 }),
});

const lasts = '(attribute_not_exists(expiresAt) OR expiresAt > :now)';

/** The condition of a write: nobody has written since `expected` was read; 0: nobody has written at all, or what was written has expired. */
const versionIs = (expected: number, nowSeconds: number) => {
  const noRecord = 'attribute_not_exists(pk) OR expiresAt <= :now';
  const versionUnchanged = `#version = :expected AND ${lasts}`;
  return expected === 0
    ? { ConditionExpression: noRecord, ExpressionAttributeValues: { ':now': nowSeconds } }
    : {
        ConditionExpression: versionUnchanged,
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':expected': expected, ':now': nowSeconds },
      };
};

/** A key condition allows one comparison per key, so both ends need BETWEEN; an empty `from` is the beginning. */
const lastingBetween = (partition: string, from: string | undefined, to: string | undefined, nowSeconds: number) => {
  const ids = from && to ? ' AND sk BETWEEN :from AND :to' : from ? ' AND sk >= :from' : to ? ' AND sk < :to' : '';
  return {
    KeyConditionExpression: `pk = :partition${ids}`,
    FilterExpression: lasts,
    ExpressionAttributeValues: {
      ':partition': partition,
      ':now': nowSeconds,
      ...(from ? { ':from': from } : {}),
      ...(to ? { ':to': to } : {}),
    },
  };
};
