import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { OperatorMustFix } from '../../shared/core/errors.ts';

export interface Receiver {
  /** `http://127.0.0.1:41234` */
  readonly url: string;
  /** Resolves when its process has ended. */
  stop(): Promise<void>;
}

/** Starts the receiving process on a free port of this machine. `record`: the file it writes what it received to. */
export const startReceiver = async (work: {
  readonly secrets: Readonly<Record<string, string>>;
  readonly record: string;
}): Promise<Receiver> => {
  const child = fork(fileURLToPath(new URL('./receiver.ts', import.meta.url)), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  child.send(work);
  const answer = await Promise.race([once(child, 'message'), ended.then(() => [{}])]);
  const { port } = answer[0] as { readonly port?: number };
  if (port === undefined)
    throw new OperatorMustFix('The receiver of the demo did not start. See what it printed above.');
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
};
