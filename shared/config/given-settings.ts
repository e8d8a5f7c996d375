/** Reads each given setting by its own rule and gathers what is wrong with them. */
import { nearestName } from '../core/nearest-name.ts';
import type { Reading, Setting } from './setting.ts';
import { type SettingName, settings } from './setting-list.ts';

/** Variables with this prefix are ours: one that is no setting is a mistake. */
const prefix = 'SLUICE_';

export type Given = { readonly [Name in SettingName]?: ValueOf<(typeof settings)[Name]> } & {
  /** Set to something unreadable: reported already, so nothing may be concluded from its absence. */
  readonly unreadable: ReadonlySet<SettingName>;
};
type ValueOf<Any> = Any extends { readonly read: (text: string, cwd: string) => Reading<infer Value> } ? Value : never;

const names = Object.keys(settings) as SettingName[];
const rules: Readonly<Record<SettingName, Setting<unknown>>> = settings;

/** Those that stand for what another store of secrets would hold. */
export const secretNames: readonly SettingName[] = names.filter((name) => name.startsWith('SECRET_'));
export const variable = (name: SettingName): string => `${prefix}${name}`;

/** What the environment sets, and one sentence for each mistake. Unset and empty are the same: deployment files pass empty variables. */
export const readGiven = (
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): { readonly given: Given; readonly problems: string[] } => {
  const values: Record<string, unknown> = {};
  const unreadable = new Set<SettingName>();
  const problems = unknownNames(env);
  for (const name of names) {
    const text = env[variable(name)]?.trim();
    if (text === undefined || text === '') continue;
    const reading = rules[name].read(text, cwd);
    if (reading.ok) {
      values[name] = reading.value;
      continue;
    }
    unreadable.add(name);
    const got = rules[name].secret ? 'another text (hidden)' : quoted(text);
    problems.push(`${variable(name)} ${reading.must}; got ${got}. ${reading.write}`);
  }
  return { given: { ...values, unreadable } as Given, problems };
};

const unknownNames = (env: Readonly<Record<string, string | undefined>>): string[] =>
  Object.keys(env)
    .filter((key) => key.startsWith(prefix) && !names.some((name) => variable(name) === key))
    .map((key) => {
      const nearest = nearestName(key, names.map(variable));
      return `${key} is no setting of Sluice. ${nearest ? `Did you mean ${nearest}?` : 'Remove it; README.md lists the settings.'}`;
    });

/** The value, cut; without what may be a user name and password before an `@`. */
export const quoted = (text: string): string =>
  `"${text.slice(0, 120).replace(/\/\/.*@/, '//***@')}${text.length > 120 ? '…' : ''}"`;
