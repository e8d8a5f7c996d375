import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hitReader } from '../../../shared/core/reading/read-hit.ts';
import { attributeNone } from '../../../shared/core/tenants.ts';

const readHit = hitReader({ timeField: '@timestamp', attribute: attributeNone });

interface Sent {
  readonly action?: string;
  readonly request?: unknown;
  readonly response?: unknown;
  readonly url?: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

const read = ({ action = 'agent_skills_change', request, response, url, more = {} }: Sent) => {
  const { event, redactions } = readHit(
    {
      _index: 'closer',
      _id: '1',
      _source: {
        '@timestamp': '2021-05-05T09:27:12.529Z',
        message: {
          'event.action': action,
          'http.request.body.content': request,
          'http.response.body.content': response,
          'url.full': url,
          ...more,
        },
      },
    },
    '2021-05-05T09:30:00.000Z',
  );
  return { event, redactions, text: JSON.stringify(event) };
};

const secret = 'Zq7-planted-9';

describe('what stands under a sensitive key', () => {
  it.each([
    'password',
    'Password',
    'PASS_WORD',
    'new-password',
    'apiKey',
    'X-Api-Key',
    'refresh_token',
    'client.secret',
    'Set-Cookie',
    'smtpPassword',
    'dbCredentials',
  ])('%s is replaced', (key) => {
    const { text, redactions } = read({ request: JSON.stringify({ [key]: secret }) });
    expect(text).not.toContain(secret);
    expect(text).toContain('REDACTED');
    expect(redactions).toBeGreaterThan(0);
  });

  it.each(['tokenEndpoint', 'userInfoEndpoint', 'clientId', 'tokenType', 'passwordPolicy', 'skills'])(
    '%s is kept',
    (key) => {
      const { text, redactions } = read({ request: JSON.stringify({ [key]: secret }) });
      expect(text).toContain(secret);
      expect(redactions).toBe(0);
    },
  );

  it('stays when it is true, false or null', () => {
    const body = '{"password":true,"secret":false,"token":null}';
    expect(read({ request: body }).event.http?.request?.body?.content).toBe(body);
  });

  it('is secret for one action and not for another, and for one body and not for the other', () => {
    const code = JSON.stringify({ code: secret });
    expect(read({ action: 'oauth_authorization', request: code }).text).not.toContain(secret);
    expect(read({ action: 'agent_skills_change', request: code }).text).toContain(secret);
    const link = JSON.stringify({ link: secret });
    expect(read({ action: 'agent_password_reset', response: link }).text).not.toContain(secret);
    expect(read({ action: 'agent_password_reset', request: link }).text).toContain(secret);
  });

  it('does not survive in any spelling of the document', () => {
    const keys = fc.constantFrom('password', 'apiKey', 'access_token', 'client-secret', 'X-Api-Key', 'PRIVATE_KEY');
    const wrap = fc.constantFrom<(inner: unknown) => unknown>(
      (inner) => ({ data: inner }),
      (inner) => [1, inner],
      (inner) => ({ payload: JSON.stringify(inner) }),
      (inner) => JSON.stringify(inner),
      (inner) => ({ deep: { deeper: [{ inner }] } }),
    );
    const place = fc.constantFrom<(body: unknown) => Sent>(
      (body) => ({ request: body }),
      (body) => ({ response: JSON.stringify(body) }),
      (body) => ({ more: { extra: body } }),
      (body) => ({ more: { 'http.request.body': body } }),
      (body) => ({ action: 'no_such_action', request: JSON.stringify(JSON.stringify(body)) }),
      (body) => ({ more: { labels: body } }),
    );
    const value = fc.constantFrom<(text: string) => unknown>(
      (text) => text,
      (text) => [text, { more: text }],
      (text) => ({ any: text }),
      (text) => JSON.stringify({ any: text }),
    );
    const line = (key: string, held: unknown) => `${key}: ${typeof held === 'string' ? held : JSON.stringify(held)}`;
    const written = fc.constantFrom<(key: string, held: unknown) => unknown>(
      (key, held) => ({ [key]: held }),
      (key, held) => ({ name: key, value: held }),
      (key, held) => ({ values: [held], key }),
      (key, held) => [key, held],
      (key, held) => [
        ['Host', 'closer.app'],
        [key, held],
      ],
      line,
      (key, held) => ['Host: closer.app', line(key, held)],
      (key, held) => `GET / HTTP/1.1\r\nHost: closer.app\r\n${line(key, held)}\r\nAccept: */*\r\n`,
    );
    fc.assert(
      fc.property(keys, value, written, fc.array(wrap, { maxLength: 5 }), place, (key, shape, write, wraps, placed) => {
        const body = wraps.reduce<unknown>((inner, with_) => with_(inner), write(key, shape(secret)));
        expect(read(placed(body)).text).not.toContain(secret);
      }),
      { numRuns: 800 },
    );
  });

  it('hides the first of two equal keys too', () => {
    const doubled = `{"password":"${secret}","password":true}`;
    expect(read({ request: doubled }).text).not.toContain(secret);
    expect(read({ request: { payload: doubled } }).text).not.toContain(secret);
  });

  it('hides the value of a name and value pair', () => {
    expect(read({ request: { headers: [{ name: 'Authorization', value: secret }] } }).text).not.toContain(secret);
  });

  it('is hidden among the fields that ECS has no place for', () => {
    for (const more of [
      { 'request.headers.authorization': secret },
      { session: { token: { value: secret } } },
      { 'api.key': secret },
    ])
      expect(read({ more }).text).not.toContain(secret);
  });
});

describe('forms and URLs', () => {
  it('masks sensitive fields of a form and keeps the others', () => {
    const { event, text } = read({
      action: 'agent_login',
      request: `email=a%40b.example&user%5Bpassword%5D=${secret}&lang=pl`,
    });
    expect(text).not.toContain(secret);
    expect(event.http?.request?.body?.content).toBe('email=a%40b.example&user%5Bpassword%5D=REDACTED&lang=pl');
  });

  it.each([
    [`https://bob:${secret}@closer.app/api`, 'https://closer.app/api'],
    [`https://closer.app/api?token=${secret}&lang=pl#frag`, 'https://closer.app/api?token=REDACTED&lang=pl#frag'],
    [`https://closer.app/cb#access_token=${secret}&x=1`, 'https://closer.app/cb#access_token=REDACTED&x=1'],
    [
      `https://closer.app:8443/a?next=https%3A%2F%2Fb.example%2F%3Ftoken%3D${secret}`,
      'https://closer.app:8443/a?next=https%3A%2F%2Fb.example%2F%3Ftoken%3DREDACTED',
    ],
    [
      `https://closer.app/a?p=%7B%22password%22%3A%22${secret}%22%7D`,
      'https://closer.app/a?p=%7B%22password%22%3A%22REDACTED%22%7D',
    ],
  ])('%s loses its secret and nothing else', (url, expected) => {
    const { event, text } = read({ url });
    expect(event.url?.full).toBe(expected);
    expect(text).not.toContain(secret);
  });

  it('masks what may be a token in the path, but no id of an agent, for actions that have one', () => {
    const agent = '4bd9f1ff-dea6-4474-8e42-ab6174ffa818';
    const { event } = read({
      action: 'agent_password_change_with_token',
      url: `http://closer.app/api/users/agents/${agent}/password/Abcdef0123456789x`,
    });
    expect(event.url?.path).toBe(`/api/users/agents/${agent}/password/REDACTED`);
    expect(event.user?.target?.id).toBe(agent);
  });

  it.each([
    ['the path alone', { 'url.path': '/invitations/Abcdef0123456789x/accept' }],
    ['a URL too long to be read', { 'url.full': `http://closer.app/Abcdef0123456789x/${'x/'.repeat(5000)}` }],
    ['a list of URLs', { 'url.full': ['http://closer.app/', 'http://closer.app/Abcdef0123456789x'] }],
  ])('masks it in %s too', (_, more) => {
    expect(read({ action: 'agent_invitation_acceptation', more }).text).not.toContain('Abcdef0123456789x');
    expect(read({ more }).text, 'else the case proves nothing').toContain('Abcdef0123456789x');
  });

  it('keeps what is no URL under url.original, without its secrets', () => {
    const { event, text } = read({ url: `http://[bad?token=${secret}` });
    expect(event.url).toEqual({ original: 'http://[bad?token=REDACTED' });
    expect(text).not.toContain(secret);
  });
});

describe('a secret that was found in one place', () => {
  it.each([
    ['the path', { url: `http://closer.app/reset/${secret}` }],
    ['another body', { response: JSON.stringify({ note: `it was ${secret}!` }) }],
    ['a key', { response: JSON.stringify({ [secret]: 1 }) }],
    ['a field that ECS has no place for', { more: { note: [{ text: secret }] } }],
    ['the user', { more: { 'user.id': secret, 'user.roles': [secret] } }],
    ['a text body', { response: `plain ${secret} text` }],
  ])('is searched for in %s', (_, sent: Sent) => {
    const request = JSON.stringify({ password: secret });
    expect(read({ ...sent, request }).text).not.toContain(secret);
    expect(read(sent).text, 'else the case proves nothing').toContain(secret);
  });

  it('is found encoded for a URL, quoted for JSON, or as a number', () => {
    const awkward = 'p"ss wörd\\&x';
    const request = JSON.stringify({ password: awkward, pin: 12_345_678 });
    const response = JSON.stringify({ again: JSON.stringify({ a: awkward }), number: 12_345_678 });
    const { text } = read({ request, response, url: `http://closer.app/a?q=${encodeURIComponent(awkward)}` });
    for (const form of [awkward, JSON.stringify(awkward).slice(1, -1), encodeURIComponent(awkward), '12345678'])
      expect(text).not.toContain(form);
  });

  it('leaves what is short alone, for it occurs by chance', () => {
    const { event } = read({ request: JSON.stringify({ password: 'abc' }), url: 'http://closer.app/abc' });
    expect(event.url?.path).toBe('/abc');
  });

  it('costs no more when there are thousands: what may hold one is removed', () => {
    const tokens = Array.from({ length: 5000 }, (_, at) => ({ token: `token-number-${at}` }));
    const { event, text } = read({
      request: JSON.stringify(tokens),
      url: 'http://closer.app/token-number-17/x',
      more: { 'user.id': 'somebody', note: 'token-number-18' },
    });
    expect(text).not.toContain('token-number-');
    expect(event.user?.id).toBe('somebody');
    expect(event.labels?.['search']).toMatch(/too many/);
  });
});

describe('a body that cannot be parsed', () => {
  const cutOff = `{"note":"x","password":"${secret}`;

  it.each([
    ['a sensitive action', { action: 'agent_login', request: `anything ${secret}` }],
    ['an unknown action', { action: 'no_such_action', request: `anything ${secret}` }],
    ['any action, when it names a secret', { request: cutOff }],
    ['a sensitive action, when it is a bare text', { action: 'agent_login', request: JSON.stringify(secret) }],
    [
      'a sensitive action, when it is Base64',
      { action: 'agent_login', request: `${Buffer.from(secret).toString('base64')}=` },
    ],
  ])('of %s is removed whole, and its length kept', (_, sent: Sent) => {
    const { event, text } = read(sent);
    expect(text).not.toContain(secret);
    expect(event.http?.request?.body).toEqual({ bytes: Buffer.byteLength(sent.request as string) });
    expect(event.labels?.['request_body']).toMatch(/^removed/);
  });

  it('is kept when its action has no secrets and it names none', () => {
    expect(read({ request: 'skill one; skill two' }).event.http?.request?.body?.content).toBe('skill one; skill two');
  });
});

describe('a message that is a text', () => {
  const readMessage = (message: string) =>
    readHit({ _index: 'closer', _id: '1', _source: { message } }, '').event.message;

  it('is kept', () => {
    expect(readMessage('PUT /api/users/agents/x/skills 204')).toBe('PUT /api/users/agents/x/skills 204');
  });

  it.each([`password is ${secret}`, `{"password":"${secret}`, `GET /a?token=${secret}`, `["token","${secret}`])(
    'is hidden whole when it names a secret: %s',
    (message) => {
      expect(readMessage(message)).toBe('REDACTED');
    },
  );

  it('is redacted like a body when it is JSON', () => {
    expect(readMessage(`[{"password":"${secret}"}]`)).toBe('[{"password":"REDACTED"}]');
  });
});
