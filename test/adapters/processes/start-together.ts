import { once } from 'node:events';

/** Says that this process is ready and waits until it may begin, see `runTogether`. */
export const startTogether = async (): Promise<void> => {
  process.stdout.write('ready\n');
  await once(process.stdin, 'data');
};

/** Answers the one who waits. */
export const answerWith = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value)}\n`);
};
