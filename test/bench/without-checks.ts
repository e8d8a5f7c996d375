/**
 * What the checks cost: `node --import` this, and pull runs without them. It then remembers no keys, asks for no counts, believes every
 * answer and chains nothing: what a puller does that never asks itself whether it lost anything. For measuring only; every place is
 * named by its text, so that this fails when the code has moved on.
 */
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

interface Omission {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const omissions: readonly Omission[] = [
  {
    file: 'shared/flows/pull/key-memory.ts',
    find: 'if (open.has(key) || kept.has(key)) return true;',
    replace: 'if (key !== undefined) return false;',
  },
  { file: 'shared/flows/pull/key-memory.ts', find: 'open.add(key);', replace: '' },
  {
    file: 'shared/core/event-key.ts',
    find: 'const stream = streamOf(index);',
    replace: "if (id !== '') return 'AAAAAAAAAAAAAAAAAAAAAA'; const stream = streamOf(index);",
  },
  {
    file: 'shared/adapters/elasticsearch/answers.ts',
    find: 'const gap = whatIsMissing(body);',
    replace: 'const gap = undefined;',
  },
  {
    file: 'shared/flows/pull/open-run.ts',
    find: '(await of.countBefore(lastTime)) > walkedBefore',
    replace: 'walkedBefore < 0',
  },
  {
    file: 'shared/flows/journal/append-segment.ts',
    find: "createHash('sha256').update(bytes).digest('hex')",
    replace: "createHash('sha256').update(String(offset)).digest('hex')",
  },
];

const done = new Set<Omission>();

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const path = url.startsWith('file:') ? fileURLToPath(url) : '';
    const here = omissions.filter(({ file }) => path.endsWith(`/${file}`));
    if (here.length === 0) return loaded;
    let source = Buffer.from(loaded.source as Uint8Array | string as string).toString();
    for (const omission of here) {
      if (source.split(omission.find).length !== 2)
        throw new Error(`${omission.file} no longer holds once: ${omission.find}`);
      source = source.replace(omission.find, () => omission.replace);
      done.add(omission);
    }
    return { ...loaded, source };
  },
});

process.on('exit', (code) => {
  const left = omissions.filter((omission) => !done.has(omission));
  if (code === 0 && left.length > 0) throw new Error(`not loaded, so not left out: ${left.map(({ file }) => file)}`);
});
