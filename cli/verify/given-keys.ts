import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openSecrets } from '../../shared/adapters/open-secrets.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import type { Config } from '../../shared/config/config.ts';
import { messageOf } from '../../shared/core/errors.ts';
import { type KeySet, keySetIn, signingKeysOf } from '../../shared/core/signing-key.ts';
import type { Terminal } from '../terminal.ts';
import { WrongUsage } from '../wrong-usage.ts';

const timeoutMs = 15_000;
const maxBytes = 1_000_000;

/**
 * The key set from a file, or from a URL such as `https://…/.well-known/sluice-keys.json`.
 * @throws WrongUsage when it cannot be read, or is none
 */
export const keysFrom = async (place: string, { cwd }: Pick<Terminal, 'cwd'>): Promise<KeySet> => {
  const text = await (/^https?:\/\//.test(place) ? textAt(place) : textIn(resolve(cwd, place)));
  const keys = keySetIn(parsed(text));
  if (!keys || keys.keys.length === 0)
    throw new WrongUsage(
      `--keys ${place} holds no Ed25519 key whose kid is its thumbprint. Write a JSON Web Key set, as sluice head --keys prints it.`,
    );
  return keys;
};

/** The keys of this machine's root key; `undefined` if it has none, because verifying does not need the right to sign. */
export const ownKeys = async (
  { secrets }: Config,
  { env, say }: Pick<Terminal, 'env' | 'say'>,
): Promise<KeySet | undefined> => {
  const opened = await openSecrets(secrets, { env, clock: systemClock });
  try {
    const rootKey = await opened.get('rootKey');
    return rootKey && signingKeysOf(rootKey).keySet;
  } catch (error) {
    say(`The own root key can check no signature: ${messageOf(error)}`);
    return undefined;
  }
};

const textIn = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new WrongUsage(`--keys ${path} cannot be read (${cause.code}). Check the path and its permissions.`, {
      cause,
    });
  });

const textAt = async (url: string): Promise<string> => {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) throw new Error(`it answers ${response.status}`);
    const text = await response.text();
    if (text.length > maxBytes) throw new Error(`it answers with more than ${maxBytes} characters`);
    return text;
  } catch (cause) {
    throw new WrongUsage(`--keys ${url} cannot be fetched: ${reasonOf(cause)}. Check the address, or give a file.`, {
      cause,
    });
  }
};

const reasonOf = (error: unknown): string =>
  error instanceof Error && error.cause instanceof Error ? error.cause.message : messageOf(error);

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
