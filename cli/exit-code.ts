import { WrongSettings } from '../shared/config/settings.ts';
import { BadBody } from '../shared/core/bad-body.ts';
import { BadRequest, messageOf, RetryLater, SluiceError } from '../shared/core/errors.ts';
import { pointerTo } from '../shared/core/json-pointer.ts';
import type { Terminal } from './terminal.ts';
import { WrongUsage } from './wrong-usage.ts';

/** 0 done · 1 something is wrong, and the output says what · 2 wrong usage or settings. Scripts depend on them. */
export type ExitCode = 0 | 1 | 2;

/** Prints what went wrong and returns the exit code for it. The stack is printed only for a bug. */
export const sayError = (error: unknown, terminal: Pick<Terminal, 'say'>): ExitCode => {
  if (error instanceof BadBody) {
    const { mistakes } = error;
    terminal.say(
      `There ${mistakes.length === 1 ? 'is a mistake' : `are ${mistakes.length} mistakes`}; nothing was done:`,
    );
    for (const { path, detail } of mistakes) terminal.say(`- ${pointerTo(path) || '(the whole)'}: ${detail}`);
    return 2;
  }
  if (error instanceof WrongUsage || error instanceof WrongSettings) {
    terminal.say(messageOf(error));
    return 2;
  }
  if (error instanceof BadRequest) {
    const [message, name] = [messageOf(error), `${error.field}: `];
    terminal.say(message.startsWith(name) ? message : `${name}${message}`);
    return 2;
  }
  if (error instanceof RetryLater) {
    terminal.say(`${messageOf(error)} Nothing was lost: run the command again.`);
    return 1;
  }
  if (error instanceof SluiceError) {
    terminal.say(messageOf(error));
    return 1;
  }
  terminal.say(messageOf(error instanceof Error ? (error.stack ?? error) : error));
  terminal.say(
    'This is a mistake in Sluice, not in your settings. Nothing was skipped: what was not recorded is done again.',
  );
  return 1;
};
