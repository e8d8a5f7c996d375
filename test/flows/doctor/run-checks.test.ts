import { describe, expect, it } from 'vitest';
import { OperatorMustFix, RetryLater } from '../../../shared/core/errors.ts';
import { ok, problem, problemOf, saidOnce, warning, worstOf } from '../../../shared/flows/doctor/finding.ts';
import { runChecks } from '../../../shared/flows/doctor/run-checks.ts';
import { drivenClock } from '../../support/driven-clock.ts';

const fine = { name: 'fine', run: async () => [ok('fine', 'All is well.')] };

describe('all checks run, whatever becomes of one of them', () => {
  it('a check that throws is a problem of its own', async () => {
    const broken = { name: 'broken', run: () => Promise.reject(new RetryLater('Nobody answers.')) };
    const findings = await Promise.all(runChecks([broken, fine], drivenClock()));
    expect(findings.flat().map(({ check, verdict }) => `${check} ${verdict}`)).toEqual(['broken problem', 'fine ok']);
  });

  it('a check that does not end is given up after its limit, and told so', async () => {
    const clock = drivenClock();
    let cut = false;
    const stuck = {
      name: 'stuck',
      limitMs: 5000,
      run: (signal: AbortSignal) => {
        signal.addEventListener('abort', () => {
          cut = true;
        });
        return new Promise<never>(() => {});
      },
    };
    const [late, other] = runChecks([stuck, fine], clock);
    expect(await other).toHaveLength(1);
    await clock.pass(4999);
    expect(cut).toBe(false);
    await clock.pass(1);
    expect(await late).toEqual([
      problem(
        'stuck',
        'It did not end within 5 s, so nothing is known of it.',
        'Look whether it is overloaded, or the network slow; then run doctor again.',
      ),
    ]);
    expect(cut).toBe(true);
  });

  it('they run at once, not one after the other', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = { name: 'first', run: () => promise.then(() => []) };
    const second = { name: 'second', run: () => Promise.resolve(resolve()).then(() => []) };
    expect(await Promise.all(runChecks([first, second], drivenClock()))).toEqual([[], []]);
  });
});

describe('an error becomes a finding', () => {
  it('what happened is the message, what to do is the remedy', () => {
    const error = new OperatorMustFix(
      'State file /a.b/s.sqlite is empty: its content was lost. Restore it. Then go on.',
    );
    expect(problemOf('state', error)).toEqual(
      problem('state', 'State file /a.b/s.sqlite is empty: its content was lost.', 'Restore it. Then go on.'),
    );
  });

  it('one that says not what to do gets advice by who must act', () => {
    expect(problemOf('x', new RetryLater('No answer.')).remedy).toBe(
      'Look whether it runs and can be reached from here, then run doctor again.',
    );
    expect(problemOf('x', new OperatorMustFix('Wrong.')).remedy).toBe('Mend what it names.');
  });

  it('a mistake of ours is called that, without secrets', () => {
    const finding = problemOf('x', new TypeError('cannot read https://user:canary@es.example.com'));
    expect(finding.message).toBe('It could not be checked: cannot read https://***@es.example.com');
    expect(finding.remedy).toContain('This is a mistake in Sluice');
  });
});

it('a problem that many checks meet is said once, a warning each time', () => {
  const once = saidOnce();
  expect(
    once([problem('a', 'Down.', 'Up.'), problem('b', 'Down.', 'Up.'), warning('c', 'Slow.', 'Fast.')]),
  ).toHaveLength(2);
  expect(once([problem('d', 'Down.', 'Up.'), warning('e', 'Slow.', 'Fast.')]).map(({ check }) => check)).toEqual(['e']);
});

it('the worst finding counts', () => {
  const [well, warned, wrong] = [ok('a', 'a'), warning('b', 'b', 'b'), problem('c', 'c', 'c')];
  expect([worstOf([]), worstOf([well]), worstOf([warned, well]), worstOf([warned, wrong, well])]).toEqual([
    'ok',
    'ok',
    'warning',
    'problem',
  ]);
});
