/** Which files of the settings travel with which function, and what must be set before anything is deployed. */
import { existsSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';

type Variables = Readonly<Record<string, string | undefined>>;

const files = {
  pull: ['SLUICE_SUBSCRIPTIONS_FILE', 'SLUICE_TENANTS_FILE'],
  reconcile: ['SLUICE_SUBSCRIPTIONS_FILE', 'SLUICE_TENANTS_FILE'],
  deliver: ['SLUICE_SUBSCRIPTIONS_FILE'],
  query: ['SLUICE_TENANTS_FILE'],
  manage: ['SLUICE_SUBSCRIPTIONS_FILE', 'SLUICE_TENANTS_FILE'],
} as const;

/**
 * Paths within the project, `/`-separated. In the function they lie at the same relative path, which is what its settings say.
 * @throws Error when a setting names a file that is missing, or lies outside of the project
 */
export const packedFiles = (functionName: string, env: Variables, projectDir: string): readonly string[] =>
  Object.entries(files)
    .filter(([name]) => name === functionName)
    .flatMap(([, variables]) => variables.map((variable) => packedFile(variable, env[variable], projectDir)))
    .filter((path) => path !== undefined);

const packedFile = (variable: string, path: string | undefined, projectDir: string): string | undefined => {
  if (!path) return undefined;
  const inProject = relative(projectDir, resolve(projectDir, path));
  if (isAbsolute(path) || inProject.startsWith('..'))
    throw new Error(
      `${variable} must be a relative path within the project, so that the file can be packed with the functions; got "${path}". Copy the file into the project, for example to sluice.config/.`,
    );
  if (!existsSync(resolve(projectDir, path)))
    throw new Error(`${variable} is "${path}": there is no such file in ${projectDir}. Correct the path.`);
  return inProject.replaceAll('\\', '/');
};

/** `sls package` works without settings; a deployed stage that reads nothing would be a trap. */
export const refuseWithoutSource = (env: Variables): void => {
  if (env['SLUICE_SOURCE_URL'] && env['SLUICE_SOURCE_INDEX']) return;
  throw new Error(
    'SLUICE_SOURCE_URL and SLUICE_SOURCE_INDEX must be set where sls deploy runs: without them the functions have nothing to read. docs/deploy.md lists what else there is.',
  );
};
