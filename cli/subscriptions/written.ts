/** A subscription in options, for the common case; everything else is written as JSON. */
import type { Command } from 'commander';
import type { CommonOptions } from '../command.ts';
import { readJsonInput } from '../json-input.ts';
import type { Terminal } from '../terminal.ts';
import { WrongUsage } from '../wrong-usage.ts';

export interface WrittenOptions extends CommonOptions {
  readonly webhook?: string;
  readonly poll?: true;
  readonly filter?: string;
  readonly format?: string;
  readonly description?: string;
  readonly fields?: string;
  readonly hidePersonalData?: true;
  readonly maxEvents?: string;
  readonly maxBytes?: string;
  readonly maxDelay?: string;
}

export const withWrittenOptions = (of: Command): Command =>
  of
    .option('--webhook <url>', 'where to send: https://…')
    .option('--filter <question>', 'which events, for example "event.outcome: failure"')
    .option('--format <format>', 'ecs (nested) or ecs-flat')
    .option('--description <text>', 'what it is for')
    .option('--fields <paths>', 'only these fields travel, separated by commas, each with everything below it')
    .option('--hide-personal-data', 'names, e-mail addresses, phone numbers and IP addresses do not travel')
    .option('--max-events <count>', 'events in a batch')
    .option('--max-bytes <count>', 'bytes of a batch')
    .option('--max-delay <seconds>', 'how long an incomplete batch waits for company');

/**
 * What the options say, in the form of the API's body. Options that were left out are absent, so the result serves as a merge patch too. A
 * number option that holds no number stays a text, so that the parser names it with all other mistakes.
 */
export const writtenBy = (options: WrittenOptions): Readonly<Record<string, unknown>> => {
  const { webhook, filter, format, description, fields } = options;
  const batch = {
    ...(options.maxEvents !== undefined && { maxEvents: numberOr(options.maxEvents) }),
    ...(options.maxBytes !== undefined && { maxBytes: numberOr(options.maxBytes) }),
    ...(options.maxDelay !== undefined && { maxDelaySeconds: numberOr(options.maxDelay) }),
  };
  if (webhook !== undefined && options.poll) throw new WrongUsage('Write --webhook or --poll, not both.');
  return {
    ...(description !== undefined && { description }),
    ...(filter !== undefined && { filter: { q: filter } }),
    ...(format !== undefined && { format }),
    ...(fields !== undefined && { fields: fields.split(',').map((path) => path.trim()) }),
    ...(options.hidePersonalData && { personalData: 'hide' }),
    ...(Object.keys(batch).length > 0 && { batch }),
    ...(webhook !== undefined && { destination: { type: 'webhook', url: webhook } }),
    ...(options.poll && { destination: { type: 'poll' } }),
  };
};

/**
 * The body from a file (`-`: piped in) or from options.
 * @throws WrongUsage if neither or both are given, or the file is no JSON
 */
export const writtenFrom = async (
  terminal: Terminal,
  file: string | undefined,
  options: Readonly<Record<string, unknown>>,
): Promise<unknown> => {
  const isSaid = Object.keys(options).length > 0;
  if (file !== undefined && isSaid) throw new WrongUsage('Write a file or options, not both.');
  if (file !== undefined) return readJsonInput(terminal, file);
  if (!isSaid)
    throw new WrongUsage('Say what to write: a file of JSON, - for what is piped in, or options (see --help).');
  return options;
};

const numberOr = (text: string): number | string => (/^\d{1,15}$/.test(text) ? Number(text) : text);
