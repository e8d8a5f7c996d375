/**
 * A plugin of serverless.yml, for what differs between commands.
 *
 * `sls invoke local` and `sls offline` run the functions on the embedded defaults and the `SLUICE_` variables of the shell, never on the
 * resources that serverless.yml deploys: no command on a laptop touches a stage by accident, and none needs an AWS account.
 * `sls package` and `sls deploy` pack the files that settings name; `sls deploy` refuses to deploy functions that have nothing to read.
 */
import { makeOwnRootKey } from '../shared/adapters/own-root-key.ts';
import { readConfig } from '../shared/config/settings.ts';
import { isHttpEvent, type LetIn, letIn } from './local-key.ts';
import { packedFiles, refuseWithoutSource } from './packed-files.ts';

/** The part of the Serverless Framework that is used here. */
interface Serverless {
  readonly serviceDir: string;
  readonly processedInput: { readonly commands: readonly string[] };
  readonly service: {
    readonly provider: { environment?: Environment };
    readonly functions: Record<string, FunctionDefinition | undefined>;
  };
}

interface FunctionDefinition {
  environment?: Environment;
  events: unknown[];
  package?: { patterns?: string[] };
}

type Environment = Readonly<Record<string, unknown>>;

/** Shared by the plugins of one command; `data` is the event that `invoke local` was given. */
interface CommandOptions {
  data?: unknown;
}

type Hooks = Readonly<Record<string, () => void | Promise<void>>>;

// The framework calls it with `new`.
class LocalCommands {
  readonly hooks: Hooks;

  constructor(serverless: Serverless, options: CommandOptions) {
    this.hooks = hooksFor(serverless, options);
  }
}

const hooksFor = (serverless: Serverless, options: CommandOptions): Hooks => {
  const [command, subcommand] = serverless.processedInput.commands;
  switch (command) {
    case 'invoke':
      return subcommand === 'local' ? invokeLocal(serverless, options) : {};
    case 'offline':
      return { initialize: () => runOffline(serverless) };
    case 'package':
      return { initialize: () => packFiles(serverless) };
    case 'deploy':
      return {
        initialize: () => {
          refuseWithoutSource(process.env);
          packFiles(serverless);
        },
      };
    default:
      return {};
  }
};

const invokeLocal = (serverless: Serverless, options: CommandOptions): Hooks => {
  // Read now: serverless-esbuild moves service and process into the folder of the bundles, where no relative path of a setting leads.
  const { serviceDir } = serverless;
  let caller: LetIn | undefined;
  return {
    initialize: () => useEmbeddedDefaults(serverless),
    'before:invoke:local:invoke': async () => {
      process.chdir(serviceDir);
      await makeOwnRootKey(readConfig(process.env, { cwd: serviceDir }));
      if (!isHttpEvent(options.data)) return;
      caller = await letIn(options.data, process.env, serviceDir);
      options.data = caller.event;
    },
    'after:invoke:local:invoke': async () => caller?.leave(),
  };
};

const useEmbeddedDefaults = ({ service }: Serverless): void => {
  const given = Object.entries(process.env).filter(([name]) => name.startsWith('SLUICE_'));
  service.provider.environment = Object.fromEntries(given);
  for (const definition of Object.values(service.functions)) if (definition) definition.environment = {};
};

/** No queue on this machine wakes the deliver function: here it has a schedule, as `pull` has. */
const runOffline = async (serverless: Serverless): Promise<void> => {
  useEmbeddedDefaults(serverless);
  await makeOwnRootKey(readConfig(process.env, { cwd: serverless.serviceDir }));
  const { deliver } = serverless.service.functions;
  if (deliver) deliver.events = [{ schedule: { rate: ['rate(1 minute)'], enabled: true } }];
};

const packFiles = ({ service, serviceDir }: Serverless): void => {
  for (const [name, definition] of Object.entries(service.functions))
    if (definition)
      definition.package = { ...definition.package, patterns: [...packedFiles(name, process.env, serviceDir)] };
};

// The framework takes what require() gives it.
export { LocalCommands as 'module.exports' };
