/** Reads the source and holds it against the arrows and the rules of the house; no other test can see them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');

interface Module {
  /** `shared/core/batch.ts` */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  /** Paths of the project's own modules, from the root. */
  readonly imports: readonly string[];
  /** Names of packages and built-ins: `node:fs`, `hono`, `@aws-sdk/client-s3`. */
  readonly packages: readonly string[];
}

const importing = /(?:\bfrom\s+|\bimport\s*\(?\s*)'([^']+)'/g;

const moduleAt = (path: string): Module => {
  const text = readFileSync(join(root, path), 'utf8');
  const targets = [...text.matchAll(importing)].map((match) => match[1] ?? '');
  // The project's own description is no module: anybody may read the version.
  const own = targets.filter((target) => target.startsWith('.') && !target.endsWith('/package.json'));
  return {
    path,
    text,
    lines: text.trimEnd().split('\n').length,
    imports: own.map((target) => relative(root, resolve(root, path, '..', target))),
    packages: targets
      .filter((target) => !target.startsWith('.'))
      .map((target) =>
        target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : (target.split('/')[0] ?? target),
      ),
  };
};

const modulesIn = (folder: string): readonly Module[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => moduleAt(`${folder}/${name}`));

const product = ['shared', 'functions', 'cli'].flatMap(modulesIn);
const everything = [...product, ...modulesIn('test')];

/** Where a module lies, which decides what it may import. */
const layers = [
  'shared/core',
  'shared/ports',
  'shared/config',
  'shared/flows',
  'shared/adapters',
  'shared/http',
  'functions',
  'cli',
  'test',
] as const;
type Layer = (typeof layers)[number];
const layerOf = (path: string): Layer | undefined => layers.find((layer) => path.startsWith(`${layer}/`));

const mayImport: Readonly<Record<Exclude<Layer, 'test'>, readonly Layer[]>> = {
  'shared/core': ['shared/core'],
  'shared/ports': ['shared/core', 'shared/ports'],
  'shared/config': ['shared/core', 'shared/config'],
  'shared/flows': ['shared/core', 'shared/ports', 'shared/flows'],
  'shared/adapters': ['shared/core', 'shared/ports', 'shared/config', 'shared/adapters'],
  'shared/http': ['shared/core', 'shared/ports', 'shared/config', 'shared/flows', 'shared/http'],
  functions: layers.filter((layer) => layer !== 'test' && layer !== 'cli'),
  cli: layers.filter((layer) => layer !== 'test' && layer !== 'functions'),
};

const places = (modules: readonly Module[]): readonly string[] => modules.map(({ path }) => path);
const saying = (pattern: RegExp, modules: readonly Module[] = product): readonly string[] =>
  places(modules.filter(({ text }) => pattern.test(withoutComments(text))));
const comment = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;
const withoutComments = (text: string): string => text.replace(comment, '');

describe('arrows point inward', () => {
  it.each(Object.keys(mayImport) as Exclude<Layer, 'test'>[])('%s imports only what it may', (layer) => {
    const wrong = product
      .filter(({ path }) => layerOf(path) === layer)
      .flatMap(({ path, imports }) =>
        imports
          .filter((target) => !mayImport[layer].some((allowed) => allowed === layerOf(target)))
          .map((target) => `${path} → ${target}`),
      );
    expect(wrong).toEqual([]);
  });

  it('every module lies in a layer', () => {
    expect(places(product).filter((path) => layerOf(path) === undefined)).toEqual([]);
  });

  it('nothing imports a test', () => {
    expect(places(product.filter(({ imports }) => imports.some((target) => target.startsWith('test/'))))).toEqual([]);
  });

  it('adapters take of the settings their types alone', () => {
    const adapters = product.filter(({ path }) => layerOf(path) === 'shared/adapters');
    expect(saying(/import (?!type\b)[^;]*'(?:\.\.\/)+config\//, adapters)).toEqual([]);
  });
});

describe('decisions are values', () => {
  const core = product.filter(({ path }) => layerOf(path) === 'shared/core');

  it('core neither waits nor asks for time, chance, files or the network', () => {
    expect(
      saying(/\bawait\b|\basync\b|Date\.now|Math\.random|new Date\(\)|randomBytes|randomUUID|setTimeout/, core),
    ).toEqual([]);
    const outside = ['node:fs', 'node:http', 'node:https', 'node:dns', 'node:process', 'node:child_process', 'node:os'];
    expect(places(core.filter(({ packages }) => packages.some((name) => outside.includes(name))))).toEqual([]);
  });

  it('ports hold no code', () => {
    const ports = product.filter(({ path }) => layerOf(path) === 'shared/ports');
    expect(saying(/export (?:const|function|class|let)\b/, ports)).toEqual([]);
  });

  it('flows know no SDK and no built-in that reaches out', () => {
    const flows = product.filter(({ path }) => layerOf(path) === 'shared/flows');
    const pure = ['node:crypto', 'node:util', 'node:zlib', 'node:buffer'];
    expect(
      flows.flatMap(({ path, packages }) =>
        packages.filter((name) => !pure.includes(name)).map((name) => `${path} → ${name}`),
      ),
    ).toEqual([]);
  });
});

describe('files stay small and named', () => {
  it('none is longer than 300 lines', () => {
    expect(everything.filter(({ lines }) => lines > 300).map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
  });

  it('none exports a default', () => {
    expect(saying(/^export default\b/m)).toEqual([]);
  });

  it('none is a drawer for everything', () => {
    expect(places(everything).filter((path) => /\/(utils?|helpers?|common|misc)(\/|\.ts$)/.test(path))).toEqual([]);
  });

  it('none only passes on what others export', () => {
    expect(saying(/^export (?:\*|\{[^}]*\}) from/m)).toEqual([]);
  });

  it('names are in kebab-case', () => {
    expect(
      places(everything).filter((path) => !/^[a-z0-9/-]+(\.(test|bench|real\.test|property\.test|d))?\.ts$/.test(path)),
    ).toEqual([]);
  });
});

describe('comments stay true', () => {
  it('every file that one names in backticks is there', () => {
    const paths = places(everything);
    const isThere = (name: string) => paths.some((path) => `/${path}`.endsWith(`/${name}`));
    const missing = product.flatMap(({ path, text }) =>
      [...text.matchAll(comment)]
        .flatMap(([written]) => [...written.matchAll(/`([\w./-]+\.ts)`/g)].map(([, name = '']) => name))
        .filter((name) => !isThere(name))
        .map((name) => `${path} names ${name}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('the world is touched in one place', () => {
  it('the environment is read by the entry points alone', () => {
    const entries = /^(functions\/[a-z]+\/index\.ts|cli\/main\.ts|shared\/config\/.*)$/;
    expect(saying(/process\.env\b/).filter((path) => !entries.test(path))).toEqual([]);
  });

  it('only the command line and telemetry print', () => {
    const printing = saying(/\bconsole\.|process\.std(?:out|err)\b/);
    expect(printing.filter((path) => !/^(cli\/|shared\/adapters\/[a-z]+-telemetry\.ts$)/.test(path))).toEqual([]);
  });

  it('no complaint of the compiler or the linter is silenced', () => {
    const silenced = new RegExp(['@ts-', 'ignore|@ts-', 'expect-error|biome-', 'ignore'].join(''));
    expect(places(everything.filter(({ text }) => silenced.test(text)))).toEqual([]);
  });
});
