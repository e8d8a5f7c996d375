import type { LogDiagnosis, LogFileFacts } from '../../ports/diagnosis.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import type { Check } from './run-checks.ts';
import { bytes, count, some } from './words.ts';

/** A log of NDJSON: there, readable, its lines JSON objects with a time. The first and last line of each file are read. */
export const logCheck = (log: LogDiagnosis): Check => ({
  name: 'log',
  run: async () => {
    const files = await log.files();
    return [judgeSize(files, log.path), ...judgeLines(files, log.timeField)];
  },
});

const judgeSize = (files: readonly LogFileFacts[], path: string): Finding => {
  const size = bytes(files.reduce((sum, file) => sum + file.bytes, 0));
  return ok('log', files.length === 1 ? `${path}, ${size}.` : `${path}, ${count(files.length, 'file')}, ${size}.`);
};

const judgeLines = (files: readonly LogFileFacts[], timeField: string): readonly Finding[] => {
  const check = 'log/lines';
  const ends = files.map(({ name, first, last }) => ({ name, lines: [first, last].flatMap((line) => line ?? []) }));
  const written = ends.filter(({ lines }) => lines.length > 0);
  if (written.length === 0) return [ok(check, 'No line is written yet.')];
  const unreadable = written.filter(({ lines }) => lines.some(({ readable }) => !readable)).map(({ name }) => name);
  const times = written.flatMap(({ lines }) => lines.flatMap(({ time }) => time ?? [])).sort();
  const [first, last] = [times.at(0), times.at(-1)];
  if (first === undefined || last === undefined)
    return [
      problem(
        check,
        `Neither the first nor the last line of ${some(written.map(({ name }) => name))} is a JSON object with a time in "${timeField}".`,
        'Name the field in SLUICE_SOURCE_TIME_FIELD, or check that this is a log of one JSON object per line.',
      ),
    ];
  const range = `from ${first.slice(0, 19)}Z to ${last.slice(0, 19)}Z`;
  return [
    unreadable.length > 0
      ? warning(
          check,
          `The first or last line of ${some(unreadable)} is no JSON object; the others are ${range}.`,
          'Look at it: such a line is delivered as event.kind pipeline_error, without content.',
        )
      : ok(check, `First and last line are JSON objects with a time, ${range}.`),
  ];
};
