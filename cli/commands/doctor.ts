import { systemClock } from '../../shared/adapters/system-clock.ts';
import { inspectSettings } from '../../shared/config/settings.ts';
import { type Finding, saidOnce, type Verdict, worstOf } from '../../shared/flows/doctor/finding.ts';
import { runChecks } from '../../shared/flows/doctor/run-checks.ts';
import { type CommandBuilder, type CommonOptions, command, environmentOf } from '../command.ts';
import { doctorChecks } from '../doctor/doctor-checks.ts';
import { findingLines, summary } from '../doctor/print-findings.ts';
import { settingsFindings } from '../doctor/settings-findings.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';

const exitCodes = { ok: 0, warning: 1, problem: 2 } as const satisfies Record<Verdict, ExitCode>;

export const doctorCommand: CommandBuilder = (terminal, done) =>
  command('doctor', 'looks at everything that can be wrong, says what to do about it, and changes nothing')
    .addHelpText('after', '\nExit code 0: all is well; 1: a warning; 2: a problem.')
    .action(async (options: CommonOptions) => {
      const page = options.json ? undefined : printedPage(terminal);
      const findings = await diagnose(terminal, options, page?.print ?? (() => {}));
      if (page) page.sum();
      else terminal.print(JSON.stringify(findings));
      done(exitCodes[worstOf(findings)]);
    });

/** The report for people: a finding that several checks share is printed once and counted once. (With `--json` each check keeps its own.) */
const printedPage = (terminal: Terminal) => {
  const once = saidOnce();
  const printed: Finding[] = [];
  return {
    print: (findings: readonly Finding[]): void => {
      for (const finding of once(findings)) {
        printed.push(finding);
        for (const line of findingLines(finding, { coloured: terminal.coloured === true })) terminal.print(line);
      }
    },
    sum: () => terminal.say(summary(printed)),
  };
};

/** Runs all checks at once, and reports their findings in the order of the list. */
const diagnose = async (
  terminal: Terminal,
  options: CommonOptions,
  report: (findings: readonly Finding[]) => void,
): Promise<readonly Finding[]> => {
  const env = environmentOf(terminal, options);
  const { config, problems } = inspectSettings(env, terminal);
  const all: Finding[] = [];
  const add = (findings: readonly Finding[]): void => {
    report(findings);
    all.push(...findings);
  };
  add(settingsFindings(env, config, problems));
  const checks = await doctorChecks({ config, problems, env, cwd: terminal.cwd });
  for (const findings of runChecks(checks, systemClock)) add(await findings);
  return all;
};
