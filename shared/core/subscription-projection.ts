/** The `fields` of a subscription as they are written: which parts of an event travel. */
import ecs from './catalogue/ecs-allowed.json' with { type: 'json' };
import { nearestName } from './nearest-name.ts';
import { got, type Mistakes, type Path } from './written.ts';

const mostPaths = 100;

/** Every field that an event may have, and every object above a field: `user.target.email`, `user.target`, `user`. */
const known: ReadonlySet<string> = new Set(
  [...Object.keys(ecs.fields), 'closer', 'labels'].flatMap((name) => {
    const steps = name.split('.');
    return steps.map((_, at) => steps.slice(0, at + 1).join('.'));
  }),
);

/** Paths below `closer` and `labels`, where any name is possible. */
const open = /^(closer|labels)(\.[^.\p{Cc}]{1,64}){1,8}$/u;

/** The paths, each once, sorted, without those below another path; `undefined` if `fields` is absent or, together with a mistake, wrong. */
export const parseProjection = (written: unknown, path: Path, mistakes: Mistakes): readonly string[] | undefined => {
  if (written === undefined) return undefined;
  if (!Array.isArray(written) || written.length === 0 || written.length > mostPaths) {
    const is = Array.isArray(written) ? `${written.length} of them` : got(written);
    mistakes.add(
      path,
      `must be a list of 1 to ${mostPaths} fields; got ${is}; write, for example, ["event", "user.id"]`,
    );
    return undefined;
  }
  let isRight = true;
  written.forEach((name: unknown, at) => {
    if (typeof name === 'string' && (known.has(name) || open.test(name))) return;
    isRight = false;
    const nearest = typeof name === 'string' ? nearestName(name.slice(0, 100), [...known]) : undefined;
    const advice = nearest ? `did you mean ${nearest}?` : 'write, for example, "source.ip"';
    mistakes.add([...path, String(at)], `must be a field of an event; got ${got(name)}; ${advice}`);
  });
  return isRight ? withoutCovered(written as readonly string[]) : undefined;
};

/** Drops paths below another path: `user` covers `user.id`. */
const withoutCovered = (paths: readonly string[]): readonly string[] =>
  [...new Set(paths)].filter((path) => !paths.some((other) => path.startsWith(`${other}.`))).sort();
