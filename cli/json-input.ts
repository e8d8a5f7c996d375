import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Terminal } from './terminal.ts';
import { WrongUsage } from './wrong-usage.ts';

const mostBytes = 1_000_000;

/**
 * What a file holds as JSON; `-` stands for what is typed or piped in.
 * @throws WrongUsage when it cannot be read, is larger than 1 MB or is no JSON; its content, which may be a credential, is not repeated
 */
export const readJsonInput = async (terminal: Terminal, file: string): Promise<unknown> => {
  const { name, text } = file === '-' ? await typed(terminal) : readText(resolve(terminal.cwd, file));
  try {
    return JSON.parse(text);
  } catch (error) {
    const place = /\(line \d+ column \d+\)/.exec(error instanceof Error ? error.message : '')?.[0];
    throw new WrongUsage(`${name} is no JSON${place ? ` ${place}` : ''}. Correct it.`);
  }
};

interface Input {
  readonly name: string;
  readonly text: string;
}

const typed = async ({ input }: Terminal): Promise<Input> => {
  const text = await input?.(mostBytes);
  if (text === undefined) throw new WrongUsage(`What was piped in is larger than ${mostBytes} bytes, or nothing was.`);
  return { name: 'What was piped in', text };
};

const readText = (path: string): Input => {
  try {
    if (statSync(path).size > mostBytes) throw new WrongUsage(`${path} is larger than ${mostBytes} bytes.`);
    return { name: path, text: readFileSync(path, 'utf8') };
  } catch (cause) {
    if (cause instanceof WrongUsage) throw cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    throw new WrongUsage(`${path} cannot be read (${code}). Check the path and its permissions.`, { cause });
  }
};
