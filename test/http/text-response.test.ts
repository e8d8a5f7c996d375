import { describe, expect, it } from 'vitest';
import { textResponse } from '../../shared/http/text-response.ts';

const text = '{"name":"Łucja 👋"}';
const made = () => textResponse(text, { status: 201, headers: { 'Content-Type': 'application/json' } });

describe('an answer whose text is at hand', () => {
  it('is read in every way as one that was written to bytes', async () => {
    expect(await made().text()).toBe(text);
    expect(await made().json()).toEqual({ name: 'Łucja 👋' });
    expect(Buffer.from(await made().arrayBuffer()).toString()).toBe(text);
    expect(await (await made().blob()).text()).toBe(text);
    expect(Buffer.from(await made().bytes()).toString()).toBe(text);
    expect(await new Response(made().body).text()).toBe(text);
  });

  it('keeps its text when it is copied', async () => {
    for (const copy of [new Response(made().body, made()), made().clone()]) {
      expect([copy.status, copy.headers.get('content-type')]).toEqual([201, 'application/json']);
      expect(await copy.text()).toBe(text);
    }
  });
});
