import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;

/** Every title that begins with a failure's number in `test/failures`, and the file it is written in, from the root of the project. */
export const writtenTitles = (): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) =>
        [...readFileSync(join(folder, file), 'utf8').matchAll(/\bit\(\s*'([FD]\d+ [^']+)'/g)].map(
          ([, title = '']) => [title, `test/failures/${file}`] as const,
        ),
      ),
  );
