import { stat } from 'node:fs/promises';
import type { LogDiagnosis, LogFileFacts, LogLineFacts } from '../../ports/diagnosis.ts';
import { lineHit } from './line-hit.ts';
import { type LogFile, logFiles, touching, withFile } from './log-files.ts';
import { logLines } from './log-lines.ts';

/** Bytes read at the beginning and at the end of each file, whatever its length. */
const endBytes = 1024 * 1024;

/** @throws OperatorMustFix when the log is not there or may not be read */
export const logDiagnosis = (options: { readonly path: string; readonly timeField: string }): LogDiagnosis => ({
  ...options,
  files: async () => {
    const found = await logFiles(options.path);
    return Promise.all(found.map((file) => lookAt(file, options.timeField)));
  },
});

const lookAt = async (file: LogFile, timeField: string): Promise<LogFileFacts> => {
  const { size } = await touching(file.path, () => stat(file.path));
  const facts = { name: file.name, bytes: size };
  return withFile(file.path, async (handle) => {
    const lineOf = ({ text, offset }: { text: Buffer | undefined; offset: number }): LogLineFacts => {
      if (text === undefined) return { readable: false };
      const { readable, time } = lineHit(text, { file: file.name, offset }, timeField);
      return { readable, ...(time !== undefined && { time }) };
    };
    let first: LogLineFacts | undefined;
    for await (const line of logLines(handle, { from: 0, to: size }, endBytes)) {
      first = lineOf(line);
      break;
    }
    let last: LogLineFacts | undefined;
    const from = Math.max(0, size - endBytes);
    let cut = from > 0;
    for await (const line of logLines(handle, { from, to: size }, endBytes)) {
      // After a jump into the file the first line lacks its beginning; the last line may still be being written.
      if (!cut && (line.ended || last === undefined)) last = lineOf(line);
      cut = false;
    }
    return { ...facts, ...(first && { first }), ...(last && { last }) };
  });
};
