import { type RecordedEvent, toCloudEvent } from './envelope';

const event: RecordedEvent = {
  id: '0198f1a0-0000-7000-8000-000000000001',
  type: 'ChatClosed',
  schemaVersion: 2,
  organizationId: '11111111-1111-4111-8111-111111111111',
  stream: 'chat-22222222-2222-4222-8222-222222222222',
  revision: 9_007_199_254_740_993n,
  position: 9_223_372_036_854_775_807n,
  occurredAt: '2025-11-17T14:00:00.000Z',
  recordedAt: '2025-11-17T14:05:00.000Z',
  actor: { id: 'actor', role: 'curator' },
  source: 'operator',
  commandId: '33333333-3333-4333-8333-333333333333',
  correlationId: '44444444-4444-4444-8444-444444444444',
  causationId: null,
  requestDigest: 'never shown',
  data: { chatId: '22222222-2222-4222-8222-222222222222', reason: 'Выпуск' },
};

describe('the CloudEvent of a recorded event', () => {
  it('given any event, then its attributes have the names that CloudEvents 1.0 admits', () => {
    expect(Object.keys(toCloudEvent(event)).filter((name) => !/^[a-z0-9]{1,20}$/.test(name))).toEqual([]);
  });

  it('given 64-bit numbers, then they are strings and lose no digit', () => {
    expect(toCloudEvent(event)).toMatchObject({
      revision: '9007199254740993',
      position: '9223372036854775807',
    });
  });

  it('given both times, then `time` is when it happened', () => {
    const { time, recordedtime } = toCloudEvent(event);
    expect([time, recordedtime]).toEqual([event.occurredAt, event.recordedAt]);
  });

  it('given the version it was written in, then the schema is named by it', () => {
    expect(toCloudEvent(event).dataschema).toBe('urn:letopis:event:ChatClosed:2');
  });

  it('given no cause, then there is no such attribute', () => {
    expect(toCloudEvent(event)).not.toHaveProperty('causationid');
  });

  it('given a cause, then it is named', () => {
    expect(toCloudEvent({ ...event, causationId: event.commandId }).causationid).toBe(event.commandId);
  });

  it('given a digest of the request, then it does not leave the store', () => {
    expect(JSON.stringify(toCloudEvent(event))).not.toContain('never shown');
  });
});
