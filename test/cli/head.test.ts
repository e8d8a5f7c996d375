import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkSignature, keySetIn } from '../../shared/core/signing-key.ts';
import { sluice } from '../support/sluice-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('sluice head', () => {
  it('signs how far the record has come, prints it, and says where it is kept', async () => {
    const cwd = await temporaryFolder();
    await sluice(['pull'], { cwd });
    const { code, stdout, stderr } = await sluice(['head', '--json'], { cwd });
    expect(code).toBe(0);
    const [, kept = ''] = /(\S+heads\/samples\/\S+\.json)/.exec(stderr) ?? [];
    expect(readFileSync(join(cwd, '.sluice/journal', kept.slice(kept.indexOf('heads/'))), 'utf8')).toBe(stdout.trim());

    const keys = await sluice(['head', '--keys'], { cwd });
    const keySet = keySetIn(JSON.parse(keys.stdout));
    const signed = JSON.parse(stdout);
    expect(keySet && checkSignature(signed.head, signed, keySet)).toBe('good');
    expect(signed.head.journal.seq).toBeGreaterThan(0);
  });

  it('says it in sentences for people', async () => {
    const cwd = await temporaryFolder();
    const { code, stdout } = await sluice(['head'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain('nothing is journaled yet');
    expect(stdout).toMatch(/signed by key [\w-]{43}: [\w-]{86}\n/);
  });
});
