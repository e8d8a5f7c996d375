import nock from 'nock';
import { awsTestSettings } from './aws-test-settings.ts';

type Stage = 'AWSCURRENT' | 'AWSPREVIOUS';

/** The place of Secrets Manager on the wire. */
export const secretsManagerOrigin = `https://secretsmanager.${awsTestSettings.region}.amazonaws.com`;

/**
 * Secrets Manager as nock answers for it, with one secret.
 * @param versions its text at each stage; change it and the next answer changes
 * @returns the stages asked for, in order
 */
export const secretOnTheWire = (versions: Partial<Record<Stage, string | undefined>>): readonly Stage[] => {
  const asked: Stage[] = [];
  nock(secretsManagerOrigin)
    .persist()
    .post('/')
    .reply(async (request: Request) => {
      const { VersionStage } = (await request.json()) as { readonly VersionStage: Stage };
      asked.push(VersionStage);
      const text = versions[VersionStage];
      return text === undefined ? secretRefusal('ResourceNotFoundException') : [200, { SecretString: text }];
    });
  return asked;
};

/** An answer of Secrets Manager that refuses. */
export const secretRefusal = (code: string, status = 400): [number, object] => [
  status,
  { __type: code, message: 'what Secrets Manager says' },
];
