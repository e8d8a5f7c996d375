/** The JSON schemas of OCSF 1.8.0's classes, compiled from its source: stricter than its own export, no unknown attribute passes. */
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export const ocsfFixtures = new URL('../fixtures/ocsf/', import.meta.url);

export const readFixture = (name: string): unknown => JSON.parse(readFileSync(new URL(name, ocsfFixtures), 'utf8'));

const validators: ReadonlyMap<number, ValidateFunction> = new Map(
  readdirSync(new URL('classes/', ocsfFixtures)).map((name) => {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    return [Number(name.slice(0, 4)), ajv.compile(readFixture(`classes/${name}`) as object)];
  }),
);

/** What its class's schema has against the event. */
export const mistakesIn = (event: Readonly<Record<string, unknown>>): readonly unknown[] => {
  const validate = validators.get(Number(event['class_uid']));
  if (!validate) return ['no such class'];
  return validate(event)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};
