import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEnvFile } from '../../cli/env-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const aFile = async (content: string | Uint8Array): Promise<string> => {
  const path = join(await temporaryFolder(), 'settings.env');
  writeFileSync(path, content);
  return path;
};

describe('a file of settings', () => {
  it('may begin with a byte order mark, and hold comments, export and values over several lines', async () => {
    const text = `\uFEFFSLUICE_TENANT=acme\r\n# a comment\r\n\r\nexport SLUICE_HTTP_PORT = 0\r\nTEXT="one\r\ntwo # three\r\n"\r\nLAST='x'`;
    expect(readEnvFile(await aFile(text))).toMatchObject({
      SLUICE_TENANT: 'acme',
      SLUICE_HTTP_PORT: '0',
      LAST: 'x',
      TEXT: expect.stringContaining('two # three'),
    });
  });

  it.each([
    ['in UTF-16', Buffer.from('\uFEFFSLUICE_TENANT=acme\n', 'utf16le')],
    ['in UTF-16 without a mark', Buffer.from('SLUICE_TENANT=acme\n', 'utf16le')],
    ['of random bytes', Buffer.from([0x81, 0xfe, 0x3d, 0x0a, 0xc3])],
  ])('%s is refused', async (_, bytes) => {
    const path = await aFile(bytes);
    expect(() => readEnvFile(path)).toThrow(`--env-file ${path} is not a text in UTF-8.`);
  });

  it.each([
    ['SLUICE_HTTP_PORT=0\nSLUICE_TENANT canary\n', 2],
    ['TEXT="canary\nSLUICE_TENANT: canary\n', 2],
    ['TEXT="one\ntwo"\n\n=canary\n', 4],
  ])('%j names the line that is no setting, and not what it holds', async (text, line) => {
    const path = await aFile(text);
    expect(() => readEnvFile(path)).toThrow(`--env-file ${path}, line ${line}, is not NAME=value.`);
    expect(() => readEnvFile(path)).not.toThrow('canary');
  });
});
