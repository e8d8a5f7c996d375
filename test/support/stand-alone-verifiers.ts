/** The verifiers that a customer is given, each run as a program of its own. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../docs/verify');

export interface Verifier {
  readonly language: string;
  readonly command: string;
  readonly path: string;
  /** A program that asks the verifier whether it refuses this delivery so many seconds after it was sent. */
  readonly asking: (delivery: string, seconds: number) => readonly string[];
}

export const verifiers: readonly Verifier[] = [
  {
    language: 'TypeScript',
    command: process.execPath,
    path: join(folder, 'receiver.ts'),
    asking: (delivery, seconds) => [
      '--input-type=module',
      '-e',
      `import { refusal } from ${JSON.stringify(join(folder, 'receiver.ts'))};
       const { headers, body } = ${delivery};
       const now = Number(headers['webhook-timestamp']) + ${seconds};
       console.log(refusal([process.env.SLUICE_WEBHOOK_SECRET], { headers, body: Buffer.from(body) }, now) ?? 'taken');`,
    ],
  },
  {
    language: 'Python',
    command: 'python3',
    path: join(folder, 'receiver.py'),
    asking: (delivery, seconds) => [
      '-B',
      '-c',
      `import json, os, sys
sys.path.insert(0, ${JSON.stringify(folder)})
from receiver import refusal
stored = json.loads(${JSON.stringify(delivery)})
now = int(stored["headers"]["webhook-timestamp"]) + ${seconds}
print(refusal([os.environ["SLUICE_WEBHOOK_SECRET"]], stored["headers"], stored["body"].encode(), now) or "taken")`,
    ],
  },
];

/** What Python verifies public keys with is no part of its standard library. */
export const hasCryptography = spawnSync('python3', ['-c', 'import cryptography']).status === 0;

/** A delivery as a customer keeps it: one line of a file. */
export interface Stored {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
