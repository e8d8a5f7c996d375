import fc from 'fast-check';

export const uuids = Array.from({ length: 12 }, (_, n) => {
  const hex = (n * 0x1f3d5b79 + 0x0a1b2c3d).toString(16).padStart(10, '0').slice(-10);
  return `${hex.slice(0, 8)}-4e${hex.slice(8)}-4a1b-8c2d-${hex}ef`;
});
export const emails = ['ada@aurora.example.com', 'Bob.Miller@baltic-sea.example.com', 'eve_x@cobalt.example.com'];
export const names = ['operator one', 'svc:importer'];
export const values = [...uuids, ...emails, ...names];

/** One value as a shipper may write it. */
const spelled = (text: string) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<unknown>(text) },
    fc.constantFrom<unknown>(text.toUpperCase(), [text, uuids[0]], ` ${text}`, `${text}x`, `x${text}`),
  );
const value = fc.constantFrom(...values).chain(spelled);
/** A letter of the value as JSON may write it too. */
const escapedOnce = (json: string, at: number): string => {
  const place = json.indexOf(':"') + 2 + (at % 8);
  const code = json.charCodeAt(place);
  return json[place] === '"' || json[place] === '\\' || code > 126
    ? json
    : `${json.slice(0, place)}\\u00${code.toString(16)}${json.slice(place + 1)}`;
};
/** A body whose members were parsed already. */
export const members = fc.record(
  { orgId: value, id: value, email: value, note: fc.constantFrom('a', 'long '.repeat(200)) },
  { requiredKeys: [] },
);
/** A body as the text that it was sent as. */
export const bodyText = fc
  .tuple(members, fc.nat(40))
  .map(([body, at]): unknown => (at < 8 ? escapedOnce(JSON.stringify(body), at) : JSON.stringify(body)));
const url = fc
  .tuple(fc.constantFrom('/api/orgs/', '/api/users/agents/', '/api/x/'), value, fc.constantFrom('', '/roles', '?a=1'))
  .map(([path, id, rest]): unknown => `https://api.closer.example${path}${String(id)}${rest}`);
const address = fc.constantFrom<unknown>(
  ...[
    '203.0.113.9',
    'gate.example/203.0.113.9:51544',
    '203.0.113.9, 10.0.0.2',
    '::ffff:203.0.113.9',
    '::FFFF:cb00:7109',
  ],
  ...['[::ffff:203.0.113.9]:443', '203.0.113.90', '198.51.100.7', '2001:db8::1', 'fe80::1%eth0', ['203.0.113.9', 'x']],
  `${'203.0.113.9, '.repeat(30)}10.0.0.2`,
);
const roles = fc.constantFrom<unknown>(
  ...[
    'ADMIN',
    'admin, AGENT',
    ['ADMIN', 'AGENT'],
    ' ADMIN ',
    'ADMINISTRATOR',
    ['AGENT'],
    `${'AGENT,'.repeat(90)}ADMIN`,
  ],
);
const action = fc.constantFrom<unknown>('agent_login', 'agent_role_change', 'free_org_creation', 'oauth_authorization');

/** Events whose fields hold values of tenants in every spelling, nested, dotted or without `message`. */
export const documents = (body: fc.Arbitrary<unknown>) => {
  const fields = fc.record(
    {
      'event.action': action,
      'event.outcome': fc.constantFrom('success', 'failure'),
      'user.id': value,
      'user.email': value,
      'user.target.id': value,
      'organization.id': value,
      'user.roles': roles,
      'source.ip': address,
      'source.address': address,
      'url.full': url,
      'url.original': url,
      'http.request.body.content': body,
      'http.response.body.content': body,
    },
    { requiredKeys: ['event.action'] },
  );
  return fc.tuple(fields, fc.nat(9)).map(([flat, shape]): Record<string, unknown> => {
    if (shape === 0) return Object.fromEntries(Object.entries(flat).map(([path, of]) => [`message.${path}`, of]));
    if (shape === 1) return flat;
    return { message: flat };
  });
};
